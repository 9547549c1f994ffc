import type { PlaceBalance } from '../account/balances.ts'
import { type Level, type Place, within } from '../topology.ts'

export interface Contribution {
  readonly what: string
  readonly joules: number
  /** Of the energy of the site. */
  readonly share: number
}

/** Parts of machines, as the rules of docs/fleet.md have them. */
const MACHINES = ['chip idle', 'chip dynamic', 'remainder of machines', 'machines that nobody splits'] as const

/**
 * Where the energy of a site goes, level by level: chips and the rest of machines, what is lost or not explained at each level of meters, and
 * cooling. Over the hours in which every balance holds figures, so that the parts sum to the whole.
 */
export function contributionsOf(
  place: Place,
  balances: readonly PlaceBalance[],
): { readonly hours: number; readonly parts: Contribution[] } {
  const own = new Set(within(place))
  const inside = balances.filter(({ supplied }) => own.has(supplied.place))
  const roots = inside.filter(({ supplied }) => supplied.outer === null || !own.has(supplied.outer.place))
  const [first] = inside
  if (first === undefined) return { hours: 0, parts: [] }
  const sums = new Map<string, number>()
  let hours = 0
  for (let at = 0; at < first.residual.length; at++) {
    if (inside.some(({ residual }) => Number.isNaN(residual[at] ?? Number.NaN))) continue
    hours += 1
    const add = (what: string, joules: number) => sums.set(what, (sums.get(what) ?? 0) + joules)
    for (const { supplied, machines, chipIdle, chipDynamic, undivided, residual } of inside) {
      const [idle, dynamic, whole] = [chipIdle[at] ?? 0, chipDynamic[at] ?? 0, undivided[at] ?? 0]
      const parts = [idle, dynamic, (machines[at] ?? 0) - idle - dynamic - whole, whole]
      for (const [n, what] of MACHINES.entries()) add(what, parts[n] ?? 0)
      add(lossOf(supplied.place.level), residual[at] ?? 0)
    }
    for (const { cooling } of roots) add('cooling', cooling[at] ?? 0)
  }
  const whole = [...sums.values()].reduce((sum, joules) => sum + joules, 0)
  const parts = [...sums].map(([what, joules]) => ({ what, joules, share: whole === 0 ? 0 : joules / whole }))
  return { hours, parts: parts.filter(({ joules }) => joules !== 0) }
}

function lossOf(level: Level): string {
  return `lost or not explained in the ${level}`
}
