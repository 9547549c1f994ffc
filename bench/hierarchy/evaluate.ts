import type { Reconciled } from '../../src/fleet/account/reconcile.ts'
import { byGraph } from './by-graph.ts'
import type { Scenario } from './missing.ts'
import type { MeterClasses, SiteHour } from './model/site.ts'
import { SiteModel, withoutPlant } from './model/site-model.ts'
import { byAnnualPue, byBoosting, byLearnedPue, byRegression, type Told } from './rivals.ts'
import { LEARNED_HOURS, LEVELS, type LevelName, type Site, type Truth } from './simulate.ts'

export const METHODS = [
  'annual PUE',
  'PUE of the weeks learned',
  'regression',
  'boosting',
  'levels',
  'levels and graph',
] as const
export type Method = (typeof METHODS)[number]

/** Of a meter of class 1 no more is known than that it is within 1 %, with the same right anywhere there. */
const ofClass = (percent: number): number => percent / 100 / Math.sqrt(3)
const CLASSES: MeterClasses = {
  host: ofClass(4),
  rack: ofClass(2),
  supply: ofClass(1),
  cooling: ofClass(2),
  main: ofClass(1),
}
const Z = 1.96

export interface Score {
  /** Mean absolute error by the hour: in W, and of the power of the building. */
  readonly maeW: number
  readonly mape: number
  /** While the job runs. */
  readonly jobMape: number
}

export interface Evaluated {
  readonly site: Site
  readonly scores: ReadonlyMap<Method, Score>
  /** Mean absolute error of what each level contributes, of the power of the building. */
  readonly levels: Readonly<Record<LevelName, number>>
  /** Share of hours in which the truth is in the interval of 95 %: while the plant is silent, and while all meters tell. */
  readonly silent: Coverage
  readonly told: Coverage
  readonly toldMape: number
  /** By hour, in W. */
  readonly curves: { readonly levels: readonly number[]; readonly pue: Told }
}

export interface Coverage {
  readonly racks: number
  readonly rooms: number
  readonly campus: number
}

/** All methods learn from the first forty days; of the last twenty they get hosts, racks and weather, and are compared with the truth. */
export function evaluate(site: Site, scenario: Scenario, seed: number, hasGraph: boolean): Evaluated {
  const known = site.hours.map(scenario.without)
  const hours = known.map((hour, index): SiteHour => (index < LEARNED_HOURS ? hour : withoutPlant(hour)))
  const model = SiteModel.learn(known.slice(0, LEARNED_HOURS), CLASSES)
  const levels = model.tell(hours.map(withoutPlant))
  const told = model.tell(known)
  const pue = byAnnualPue(hours, site.annualPue)
  const all: readonly (readonly [Method, Told])[] = [
    ['annual PUE', pue],
    ['PUE of the weeks learned', byLearnedPue(hours)],
    ['regression', byRegression(hours)],
    ['boosting', byBoosting(hours)],
    ['levels', levels.map(({ powerW }) => powerW)],
    ['levels and graph', hasGraph ? byGraph(hours, levels, seed) : null],
  ]
  const scores = new Map<Method, Score>()
  for (const [method, powers] of all) if (powers !== null) scores.set(method, scoreOf(powers, site.truth))
  return {
    site,
    scores,
    levels: levelErrors(levels, site.truth),
    silent: coverageOf(levels, site.truth),
    told: coverageOf(told, site.truth),
    toldMape: scoreOf(
      told.map(({ powerW }) => powerW),
      site.truth,
    ).mape,
    curves: { levels: levels.map(({ powerW }) => powerW), pue },
  }
}

function scoreOf(powers: readonly number[], truth: readonly Truth[]): Score {
  const errors = unseen(truth).map(([real, index]) => ({ real, offW: Math.abs((powers[index] ?? 0) - real.campus) }))
  const relative = errors.map(({ real, offW }) => offW / real.campus)
  return {
    maeW: mean(errors.map(({ offW }) => offW)),
    mape: mean(relative),
    jobMape: mean(relative.filter((_, index) => errors[index]?.real.hasJob)),
  }
}

function levelErrors(levels: readonly Reconciled[], truth: readonly Truth[]): Readonly<Record<LevelName, number>> {
  const off = unseen(truth).map(([real, index]) => {
    const told = contributionsOf(levels[index] as Reconciled)
    return LEVELS.map((level) => Math.abs(told[level] - real[level]) / real.campus)
  })
  return Object.fromEntries(LEVELS.map((level, at) => [level, mean(off.map((row) => row[at] ?? 0))])) as Record<
    LevelName,
    number
  >
}

/** What each level takes of the whole, in W; together they are the whole. */
export function contributionsOf(campus: Reconciled): Record<LevelName, number> {
  const sums = { hosts: 0, distribution: 0, supply: 0, cooling: 0, other: 0 }
  const walk = ({ name, powerW, children }: Reconciled): void => {
    for (const child of children) walk(child)
    if (children.length === 0) sums[name === 'estimated hosts' ? 'hosts' : (name as LevelName)] += powerW
  }
  walk(campus)
  return sums
}

function coverageOf(levels: readonly Reconciled[], truth: readonly Truth[]): Coverage {
  const held = { racks: [] as number[], rooms: [] as number[], campus: [] as number[] }
  const isHeld = ({ powerW, sdW }: Reconciled, realW: number): number => Number(Math.abs(powerW - realW) <= Z * sdW)
  for (const [real, index] of unseen(truth)) {
    const campus = levels[index] as Reconciled
    const rooms = campus.children.filter(({ name }) => name.startsWith('room'))
    const racks = rooms.flatMap(({ children }) => children.filter(({ name }) => name.startsWith('rack')))
    held.campus.push(isHeld(campus, real.campus))
    held.rooms.push(mean(rooms.map((room, at) => isHeld(room, real.rooms[at] ?? 0))))
    held.racks.push(mean(racks.map((rack, at) => isHeld(rack, real.racks[at] ?? 0))))
  }
  return { racks: mean(held.racks), rooms: mean(held.rooms), campus: mean(held.campus) }
}

const unseen = (truth: readonly Truth[]): readonly (readonly [real: Truth, index: number])[] =>
  truth.flatMap((real, index) => (index < LEARNED_HOURS ? [] : [[real, index] as const]))

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
