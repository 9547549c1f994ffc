import type { ChannelSum, GapSum, RestatementSum } from '../ledger/report-rows.ts'
import type { SealHead } from '../model/seal.ts'
import type { Figures } from './figures.ts'
import type { Row, View } from './rows.ts'
import type { StageLine } from './stages.ts'
import type { Statement } from './statement.ts'

/** All that a report says, as data. Whatever shows it reads nothing else. */
export interface Report {
  readonly about: About
  readonly by: View
  readonly rows: readonly Row[]
  /** Of the machine; of a statement, what its rows sum to. */
  readonly total: Figures
  readonly statement: Statement | null
  /** The machine in the span, whoever used it. */
  readonly machine: Figures
  /** In the order of a life; none where no making was booked. */
  readonly stages: readonly StageLine[]
  readonly quality: Quality
  readonly meters: readonly ChannelSum[]
  readonly factors: readonly FactorSum[]
  readonly restatements: readonly RestatementSum[]
  readonly exclusions: readonly Exclusion[]
  readonly gaps: readonly GapSum[]
}

/** Who reports about what. */
export interface About {
  readonly organisation: string | null
  readonly site: string | null
  readonly node: string
  readonly labels: Readonly<Record<string, string>>
  readonly fromUnixMs: number
  readonly untilUnixMs: number
  /** Hours before this are closed; null when none is. */
  readonly closedUntilUnixMs: number | null
  readonly version: string
  readonly ledgerFormat: number
  /** Of what the report was made with: the configuration of meters, carbon and tenants. */
  readonly configSha256: string
  readonly allocation: Allocation
  readonly currency: string | null
  readonly tariff: string | null
  /** When it was made, if it was to be told. */
  readonly madeUnixMs: number | null
  /** Of the last of its days that is sealed, which holds those before it; null where none is. */
  readonly seal: SealHead | null
}

/** How energy is split among consumers. */
export interface Allocation {
  readonly version: number
  /** Of the rules that name tenants. */
  readonly rulesSha256: string
  readonly rules: number
  readonly unallocated: 'separate' | 'spread'
}

export interface Quality {
  /** Meters of the whole machine, the one with the most energy first. */
  readonly meters: readonly string[]
  readonly pue: number | null
  readonly bases: readonly string[]
  /** Of the location-based figure, by energy. */
  readonly finalPct: number | null
  readonly provisionalPct: number | null
  readonly estimatedPct: number | null
  readonly dataQuality: {
    readonly energy: number | null
    readonly intensity: number | null
    readonly embodied: number | null
  }
}

/** A kind of figure that emissions were counted with, as it stands now. */
export interface FactorSum {
  readonly account: string
  readonly instrument: string
  readonly basis: string
  readonly zone: string
  readonly source: string
  readonly status: string
  readonly dq: number
  /** 95 %, relative. */
  readonly uncertaintyPct: number
  readonly energyUj: bigint
  readonly co2eUg: bigint
  /** Mean by energy, and the bounds of those that counted; null where emissions do not follow energy. */
  readonly gPerKwh: number | null
  readonly leastGPerKwh: number | null
  readonly mostGPerKwh: number | null
  /** UTC hours in which it counted. */
  readonly hours: number
}

/** What the figures do not contain, and why. */
export interface Exclusion {
  readonly what: string
  readonly reason: string
  readonly hours: number | null
}
