import { type Consumer, type ConsumerKind, SYSTEM } from '../model/consumer.ts'

/** Stands for all of a kind that have no row of their own. No consumer but the system has an empty id. */
export function otherOf(kind: ConsumerKind): Consumer {
  return kind === SYSTEM.kind ? SYSTEM : { kind, id: '', name: 'other', labels: {} }
}
