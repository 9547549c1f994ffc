import { HOUR_MS } from '../model/time.ts'
import { type Figures, MASSES } from './figures.ts'
import type { Exclusion, Report } from './report.ts'
import { NOT_SPLIT } from './rows.ts'
import { utc } from './span.ts'

/** Reasons of gaps for a person. */
const REASONS: Readonly<Record<string, string>> = {
  start: 'the first reading of a sensor begins a count and ends none',
  late: 'readings came too late to integrate between them',
  restart: 'the agent was not running',
  reboot: 'the machine was started anew',
  suspend: 'the machine was suspended',
  reset: 'a counter was set back to 0',
  ambiguous: 'a counter may have wrapped more than once',
  stalled: 'a counter stood still',
  corrupt: 'a sensor gave a reading that cannot be',
  absent: 'no sensor and no model covered the machine',
}

const UNKNOWN: Readonly<Record<(typeof MASSES)[number], readonly [what: string, reason: string]>> = {
  locationUg: ['Scope 2, location-based', 'no intensity is known for some of the energy'],
  marketUg: ['Scope 2, market-based', 'carbon.market was not set for some of the energy'],
  embodiedUg: ['Scope 3, making of the machine', 'no footprint of the machine is known for some of the time'],
  siteWaterUl: ['water of the site', 'carbon.water.wue was not set for some of the energy'],
  gridWaterUl: ['water of the grid', 'no water factor of the country is known for some of the energy'],
}

/** What no report of this program has. */
const NEVER: readonly Exclusion[] = [
  { what: 'Scope 1', reason: 'fuel of generators and refrigerants have no meter here', hours: null },
  {
    what: 'transport and end of life of the machine',
    reason: 'shown by stage where a source knows them, and in no sum',
    hours: null,
  },
  {
    what: 'the rest of Scope 3',
    reason: 'losses of the grid, fuel supply but in life-cycle figures, network and the building are not counted',
    hours: null,
  },
]

interface Known extends Pick<Report, 'about' | 'by' | 'rows' | 'statement' | 'machine' | 'gaps' | 'quality'> {
  readonly firstHour: number | null
  readonly coveredMs: number
}

/** What the figures do not contain: of the time, of the accounts, and by design. */
export function exclusionsOf(known: Known): Exclusion[] {
  const { about, machine, quality } = known
  const isOnlyMachine = quality.pue !== null && Math.abs(quality.pue - 1) < 5e-5
  const site = isOnlyMachine
    ? [
        {
          what: 'cooling and supply of the site',
          reason: 'carbon.pue is 1, which counts the machine alone',
          hours: null,
        },
      ]
    : []
  const cost =
    about.currency !== null && machine.cost === null
      ? [{ what: 'cost', reason: 'the tariff has no price for some of the hours', hours: null }]
      : []
  return [
    ...ofTime(known),
    ...(machine.energyUj === 0n ? [] : [...ofMasses(machine), ...cost]),
    ...ofSplit(known),
    ...site,
    ...NEVER,
  ]
}

function ofTime({ about, gaps, firstHour, coveredMs }: Known): Exclusion[] {
  const what = 'energy of the machine'
  const { fromUnixMs: from, untilUnixMs: until } = about
  const inGaps = gaps.filter(({ device }) => device === '')
  const before = firstHour === null ? until - from : Math.max(0, Math.min(until, firstHour) - from)
  const listed = inGaps.reduce((sum, { ms }) => sum + Number(ms), 0)
  const rest = Math.max(0, until - from - before - coveredMs - listed)
  const closed = Math.max(from, about.closedUntilUnixMs ?? from)
  const open = Math.min(rest, Math.max(0, until - Math.max(closed, firstHour ?? until)))
  return [
    ...(before > 0
      ? [
          {
            what,
            reason: firstHour === null ? 'the ledger is empty' : `the ledger begins at ${utc(firstHour)}`,
            hours: before / HOUR_MS,
          },
        ]
      : []),
    ...inGaps.map(({ reason, ms }) => ({ what, reason: REASONS[reason] ?? reason, hours: Number(ms) / HOUR_MS })),
    // A second is within how exactly gaps are noted.
    ...(rest - open > 1_000
      ? [{ what, reason: 'no agent ran, or none noted why', hours: (rest - open) / HOUR_MS }]
      : []),
    ...(open > 1_000
      ? [{ what, reason: `hours from ${utc(closed)} on are not closed yet`, hours: open / HOUR_MS }]
      : []),
  ]
}

function ofMasses(machine: Figures): Exclusion[] {
  return MASSES.filter((mass) => machine[mass] === null).map((mass) => {
    const [what, reason] = UNKNOWN[mass]
    return { what, reason, hours: null }
  })
}

function ofSplit({ by, rows, statement }: Known): Exclusion[] {
  const isPart = statement !== null && statement.splitPct !== null && statement.splitPct < 99.995
  const isRest = rows.some(({ label }) => label === NOT_SPLIT)
  if (!isPart && !isRest) return []
  const what = by === 'part' ? 'energy by part' : 'energy by consumer'
  return [{ what, reason: `some of the machine's energy was ${NOT_SPLIT}`, hours: null }]
}
