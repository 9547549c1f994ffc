import { type Prior, Regression } from '../../src/model/regression.ts'
import { Boosting } from './boosting.ts'
import type { SiteHour } from './model/site.ts'
import { LEARNED_HOURS } from './simulate.ts'

/** Power of the building by hour, told from what its hosts tell; null where the method cannot. */
export type Told = readonly number[] | null

/** What all hosts of the site tell, by meter or estimate. */
export function hostsW({ rooms }: SiteHour): number {
  let sumW = 0
  for (const { racks } of rooms) for (const { meteredW, estimatedW } of racks) sumW += meteredW + estimatedW
  return sumW
}

export function byAnnualPue(hours: readonly SiteHour[], annualPue: number): Told {
  return hours.map((hour) => annualPue * hostsW(hour))
}

/** By the PUE of the very days that the others learn from, and by the same readings of hosts. */
export function byLearnedPue(hours: readonly SiteHour[]): Told {
  const learned = hours.slice(0, LEARNED_HOURS).filter(({ mainW }) => mainW !== null)
  if (learned.length === 0) return null
  const pue =
    learned.reduce((sum, { mainW }) => sum + (mainW ?? 0), 0) / learned.reduce((sum, hour) => sum + hostsW(hour), 0)
  return hours.map((hour) => pue * hostsW(hour))
}

const FREE: Prior = { mean: 0, sd: 3 }
const MILD_C = 12

/** One level: the main over the hosts, their square, and what the weather makes of both. */
export function byRegression(hours: readonly SiteHour[]): Told {
  const scaleW = hostsW(hours[0] as SiteHour)
  const featuresOf = (hour: SiteHour): readonly number[] => {
    const load = hostsW(hour) / scaleW
    const { dryC, wetC } = hour.weather ?? { dryC: 0, wetC: 0 }
    const warm = Math.max(0, wetC - MILD_C)
    return [
      1,
      load,
      load ** 2,
      dryC / 10,
      (load * dryC) / 10,
      (load * wetC) / 10,
      (load * warm) / 10,
      (load * wetC ** 2) / 100,
    ]
  }
  const regression = new Regression(featuresOf(hours[0] as SiteHour).map(() => FREE))
  const learned = hours.slice(0, LEARNED_HOURS).filter(({ mainW }) => mainW !== null)
  if (learned.length === 0) return null
  for (const hour of learned) regression.learn(featuresOf(hour), (hour.mainW ?? 0) / scaleW, 0.02)
  return hours.map((hour) => regression.predict(featuresOf(hour)) * scaleW)
}

/** One level: PUE of the hour by load, weather, and time of day and week, with what went before. */
export function byBoosting(hours: readonly SiteHour[]): Told {
  const rows = hours.map((hour, index) => {
    const lately = hours.slice(Math.max(0, index - 3), index + 1)
    const over = (of: (one: SiteHour) => number): number =>
      lately.reduce((sum, one) => sum + of(one), 0) / lately.length
    const { dryC, wetC } = hour.weather ?? { dryC: 0, wetC: 0 }
    const weather = [dryC, wetC, over((one) => one.weather?.dryC ?? 0), over((one) => one.weather?.wetC ?? 0)]
    return [hostsW(hour), over(hostsW), ...weather, index % 24, Math.floor(index / 24) % 7]
  })
  const learned = rows.flatMap((row, index) => {
    const mainW = index < LEARNED_HOURS ? (hours[index]?.mainW ?? null) : null
    return mainW === null ? [] : [{ row, pue: mainW / (row[0] ?? 1) }]
  })
  if (learned.length === 0) return null
  const boosting = new Boosting(
    learned.map(({ row }) => row),
    learned.map(({ pue }) => pue),
  )
  return rows.map((row) => boosting.tell(row) * (row[0] ?? 0))
}
