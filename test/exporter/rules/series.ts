/** Input series of a unit test of rules: name with labels → values in promtool's notation, one a minute. */
export type Series = Readonly<Record<string, string>>

export const MACHINE = 'job="wattledger",instance="db-17:10910"'
export const OTHER_MACHINE = 'job="wattledger",instance="db-18:10910"'
export const HOUR_MIN = 60
export const DAY_MIN = 24 * HOUR_MIN
export const WEEK_MIN = 7 * DAY_MIN

/** A name with its machine and what else it is labelled. */
export const of = (name: string, labels = '', machine = MACHINE): string =>
  `wattledger_${name}{${machine}${labels && `,${labels}`}}`

/** The same for all of the time. */
export const always = (value: number, minutes = HOUR_MIN): string => `${value}x${minutes}`

/** A counter that grows by `perSecond`. */
export const counts = (perSecond: number, minutes = HOUR_MIN): string => `0+${perSecond * 60}x${minutes}`

/** A counter that grows by `perSecond`, and from then on by another pace. */
export function countsThen(perSecond: number, minutes: number, laterPerSecond: number, laterMinutes: number): string {
  const reached = perSecond * 60 * minutes
  return `${counts(perSecond, minutes)} ${reached + laterPerSecond * 60}+${laterPerSecond * 60}x${laterMinutes - 1}`
}

/** Counters of a machine of one power, all of it measured; its rest has so many watts. */
export const machineOf = (watts: number, restWatts: number, minutes = HOUR_MIN, machine = MACHINE): Series => ({
  [of('node_energy_joules_total', 'quality="measured"', machine)]: counts(watts, minutes),
  [of('node_energy_joules_total', 'quality="estimated"', machine)]: always(0, minutes),
  [of('node_part_energy_joules_total', 'part="rest",quality="measured"', machine)]: counts(restWatts, minutes),
  [of('node_part_energy_joules_total', 'part="rest",quality="estimated"', machine)]: always(0, minutes),
})
