import type { Labels } from '../exporter/metric.ts'
import type { ConsumerTotal } from '../model/attribution.ts'
import type { Part } from '../model/part.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** `hw.type` of the parts: a known value where there is one. */
const HW_TYPES: Readonly<Record<Part, string>> = {
  processors: 'cpu',
  memory: 'memory',
  accelerators: 'gpu',
  rest: 'rest',
  supply_loss: 'power_supply',
}

export function hardwareAttributes(attributes: Labels): Labels {
  const { 'hw.id': id = '', 'hw.parent': parent } = attributes
  return parent === undefined ? {} : { 'hw.type': HW_TYPES[id as Part] ?? id }
}

/** Consumers of a snapshot by what the scrape calls them. */
export class KnownConsumers {
  readonly #byName = new Map<string, ConsumerTotal>()

  constructor({ attribution }: Snapshot) {
    for (const total of attribution?.consumers ?? []) {
      this.#byName.set(keyOf(total.consumer.kind, total.consumer.name), total)
    }
  }

  /** The one that labels are about; null where they are about none. */
  of({ kind, consumer }: Labels): ConsumerTotal | null {
    return (kind !== undefined && consumer !== undefined && this.#byName.get(keyOf(kind, consumer))) || null
  }
}

/** Names of OpenTelemetry's for pods and containers. */
export function consumerAttributes({ consumer: { kind, labels } }: ConsumerTotal): Labels {
  const named: Record<string, string | undefined> =
    kind === 'pod'
      ? { 'k8s.pod.uid': labels.uid, 'k8s.pod.name': labels.pod, 'k8s.namespace.name': labels.namespace }
      : kind === 'container'
        ? { 'container.id': labels.id }
        : {}
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/**
 * When the counter of a consumer was zero; null where it began with the ledger's others. A pod lives once. A service that is
 * started again goes on in its counter, though it is born anew: a start time that moves while the counter stands would tell
 * a receiver to count all of it again.
 */
export function birthOf({ consumer, bornUnixMs }: ConsumerTotal): number | null {
  return consumer.kind === 'pod' ? bornUnixMs : null
}

function keyOf(kind: string, name: string): string {
  return JSON.stringify([kind, name.toWellFormed()])
}
