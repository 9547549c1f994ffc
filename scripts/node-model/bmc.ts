import type { BmcMinute } from './rows.ts'

/** A machine that stands by draws no more, and no processor of it tells anything. */
const MOST_STANDBY_W = 20
const HALF_HOUR_MIN = 30
/** What a supply may be: a better one is not made, and a worse one is another machine's. */
const EFFICIENCY = { least: 0.6, most: 1 }

export interface BmcDay {
  readonly minutes: number
  readonly metered: number
  readonly standby: number
  readonly silent: number
  /** Lowest power of a machine that is on, in W. */
  readonly leastOnW: number | null
  /** Of supplies, by the half hour in which both sides tell. */
  readonly efficiencies: readonly number[]
  /** Single minutes in which a supply gives more than it takes. */
  readonly impossible: number
}

export function bmcDay(minutes: readonly BmcMinute[]): BmcDay {
  const standby = minutes.filter(isStandby)
  const on = minutes.flatMap((one) => (isStandby(one) || one.systemW === null ? [] : one.systemW))
  return {
    minutes: minutes.length,
    metered: on.length,
    standby: standby.length,
    silent: minutes.filter(({ systemW }) => systemW === null).length,
    leastOnW: on.length > 0 ? Math.min(...on) : null,
    efficiencies: efficiencies(minutes),
    impossible: minutes.filter(({ acInW, dcOutW }) => acInW !== null && dcOutW !== null && dcOutW > acInW).length,
  }
}

function isStandby({ systemW, processorsW }: BmcMinute): boolean {
  return systemW !== null && systemW <= MOST_STANDBY_W && processorsW === null
}

function efficiencies(minutes: readonly BmcMinute[]): readonly number[] {
  const both = minutes.filter(({ acInW, dcOutW }) => acInW !== null && dcOutW !== null)
  return [...Map.groupBy(both, ({ minute }) => Math.floor(minute / HALF_HOUR_MIN)).values()].flatMap((half) => {
    if (half.length < HALF_HOUR_MIN - 2) return []
    const acW = half.reduce((sum, { acInW }) => sum + (acInW ?? 0), 0)
    const dcW = half.reduce((sum, { dcOutW }) => sum + (dcOutW ?? 0), 0)
    return acW > 0 ? Math.max(EFFICIENCY.least, Math.min(dcW / acW, EFFICIENCY.most)) : []
  })
}
