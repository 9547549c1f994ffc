import type { Consumer } from '../model/consumer.ts'

/** Whether it is the only one of its kind, as the system is, or stands for others: neither has an id. */
export function isSingular({ id }: Pick<Consumer, 'id'>): boolean {
  return id === ''
}

/** Stands for all of a kind that have no row of their own. */
export function otherOf(consumer: Pick<Consumer, 'kind'>): Consumer {
  return { kind: consumer.kind, id: '', name: 'other', labels: {} }
}
