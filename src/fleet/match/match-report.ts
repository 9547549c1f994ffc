import { HOUR_MS } from '../../model/time.ts'
import { utc } from '../../report/span.ts'
import type { Certificate } from './certificate.ts'
import { whOf } from './certificate.ts'
import { type Match, type Matched, type MatchedHour, sumOf } from './match.ts'
import type { Refused } from './usable.ts'

export const MATCH_VIEWS = ['hour', 'day', 'month', 'zone'] as const
export type MatchView = (typeof MATCH_VIEWS)[number]

/** All that a match says, as data. */
export interface MatchReport {
  readonly about: MatchAbout
  readonly by: MatchView
  readonly rows: readonly MatchRow[]
  readonly match: Match
  readonly zones: readonly string[]
  /** Hours of which the grid's mix, or the residual mix, is not known, and those of a profile. */
  readonly hoursWithoutMix: number
  readonly hoursWithoutResidual: number
  readonly hoursByProfile: number
  readonly unused: readonly Unused[]
}

export interface MatchAbout {
  readonly organisation: string | null
  readonly site: string | null
  readonly version: string
  readonly beneficiary: string | null
  readonly deliverable: readonly (readonly [zone: string, from: string])[]
  readonly certificates: number
}

export interface MatchRow extends Matched {
  /** `DE`, or `2026-10-01T00:00Z` with the zone where there are several. */
  readonly label: string
  readonly zone: string | null
  readonly startsUnixMs: number | null
}

/** Certificates that back no claim here, by reason. */
export interface Unused {
  readonly reason: string
  readonly count: number
  readonly wh: bigint
}

export function matchReport(match: Match, refused: readonly Refused[], about: MatchAbout, by: MatchView): MatchReport {
  const zones = [...new Set(match.hours.map(({ load }) => load.zone))]
  const count = (test: (hour: MatchedHour) => boolean) => match.hours.filter(test).length
  return {
    about,
    by,
    rows: rowsOf(match.hours, by, zones.length > 1),
    match,
    zones,
    hoursWithoutMix: count(({ cfeUj }) => cfeUj === null),
    hoursWithoutResidual: count(({ marketUg }) => marketUg === null),
    hoursByProfile: count(({ load }) => load.isProfile),
    unused: unusedOf(match, refused),
  }
}

function rowsOf(hours: readonly MatchedHour[], by: MatchView, isApart: boolean): MatchRow[] {
  const keyOf = ({ load: { zone, hourUnixMs } }: MatchedHour) => {
    if (by === 'zone') return zone
    const time = utc(hourUnixMs).slice(0, { hour: 17, day: 10, month: 7 }[by])
    return isApart && by === 'hour' ? `${time} ${zone}` : time
  }
  return [...Map.groupBy(hours, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, own]) => ({
      label,
      zone: by === 'zone' || by === 'hour' || !isApart ? (own[0]?.load.zone ?? null) : null,
      startsUnixMs: by === 'zone' ? null : Math.min(...own.map(({ load }) => load.hourUnixMs)),
      ...sumOf(own),
    }))
}

function unusedOf({ hours, leftWh }: Match, refused: readonly Refused[]): Unused[] {
  const needed = new Set(hours.map(({ load }) => load.hourUnixMs))
  const left = [...leftWh].filter(([, wh]) => wh > 0n)
  const reasonOf = ({ startsUnixMs }: Certificate) =>
    needed.has(startsUnixMs - (startsUnixMs % HOUR_MS))
      ? 'its hour had no more consumption that it is deliverable to: it is not moved to another hour'
      : 'there is no consumption in its hour'
  const all = [
    ...refused.map(({ certificate, reason }) => ({
      reason: reason.replace(/ with .*, and/, ' with another, and'),
      wh: whOf(certificate),
    })),
    ...left.map(([certificate, wh]) => ({ reason: reasonOf(certificate), wh })),
  ]
  return [...Map.groupBy(all, ({ reason }) => reason)]
    .map(([reason, own]) => ({ reason, count: own.length, wh: own.reduce((sum, { wh }) => sum + wh, 0n) }))
    .sort((a, b) => (a.reason < b.reason ? -1 : 1))
}
