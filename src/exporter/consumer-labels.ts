import type { ConsumerTotal } from '../model/attribution.ts'
import type { Consumer } from '../model/consumer.ts'
import type { Labels } from './metric.ts'
import { MASSES, SCOPES } from './node-metrics.ts'

/** Label sets of a consumer under one tenant, each made once: a scrape asks for all of them. */
export class ConsumerLabels {
  readonly tenant: string
  readonly start: Labels
  readonly idle: Labels
  readonly dynamic: Labels
  readonly #own: Labels
  readonly #masses: Labels[] = []

  constructor({ kind, name }: Consumer, tenant: string) {
    this.tenant = tenant
    this.start = { kind, consumer: name }
    this.#own = { kind, consumer: name, tenant }
    this.idle = { ...this.#own, part: 'idle' }
    this.dynamic = { ...this.#own, part: 'dynamic' }
  }

  /** @param index in MASSES */
  mass(index: number): Labels {
    const labels = this.#masses[index] ?? this.#ofMass(index)
    this.#masses[index] = labels
    return labels
  }

  water(source: 'site' | 'grid'): Labels {
    return { ...this.#own, source }
  }

  #ofMass(index: number): Labels {
    const { account, basis } = MASSES[index] as (typeof MASSES)[number]
    return { ...this.#own, scope: SCOPES[account], basis: account, ef_basis: basis }
  }
}

const known = new WeakMap<Consumer, ConsumerLabels>()

/** A consumer keeps its object for as long as its name is the same. */
export function labelsOf({ consumer, tenant }: ConsumerTotal): ConsumerLabels {
  const before = known.get(consumer)
  if (before?.tenant === tenant) return before
  const labels = new ConsumerLabels(consumer, tenant)
  known.set(consumer, labels)
  return labels
}
