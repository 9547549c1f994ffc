import type { State } from './blocks.ts'
import type { Weather } from './site.ts'

/** What the building still remembers of its load an hour later. */
const REMEMBERED = 0.75

/** The load and weather of each hour with what went before, as concrete and water remember it. */
export function statesOf(loads: readonly number[], weathers: readonly (Weather | null)[]): readonly State[] {
  let usualLoad = loads[0] ?? 0
  let before: Weather | null = null
  return loads.map((load, index) => {
    usualLoad = REMEMBERED * usualLoad + (1 - REMEMBERED) * load
    const now = weathers[index] ?? null
    const weather: Weather | null = now === null ? before : before === null ? now : middle(before, now)
    before = now ?? before
    return { load, usualLoad, weather }
  })
}

const middle = (a: Weather, b: Weather): Weather => ({ dryC: (a.dryC + b.dryC) / 2, wetC: (a.wetC + b.wetC) / 2 })
