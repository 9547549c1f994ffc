import type { ConsumerTotal } from '../model/attribution.ts'
import { consumerKey } from '../model/consumer.ts'
import { FIGURES } from '../model/footprint.ts'
import { consumerTotal, type Totals } from './shown-totals.ts'

/** Gives totals of consumers that an earlier version recorded the names of this one. Of two with one name both have the figure. */
export function byPresentNames(recorded: Totals, consumers: readonly ConsumerTotal[]): Totals {
  const named = new Map(recorded)
  for (const one of consumers) {
    for (const what of ['idle', 'dynamic', ...FIGURES] as const) {
      const figure = recorded.get(`consumer/${consumerKey(one.consumer)}/${one.tenant}/${what}`)
      if (figure !== undefined) named.set(consumerTotal(one, what), figure)
    }
  }
  return named
}
