import { dig, type Json } from '../../io/answer.ts'
import { channelKey, type LogChannel, type PowerChannel } from '../../model/channel.ts'
import type { Clock } from '../../model/clock.ts'
import { wholeParts } from '../../model/decimal.ts'
import type { Reading } from '../../model/reading.ts'
import { NS_PER_MS } from '../../model/units.ts'
import { type Get, itemsOf, linkOf, optional, textOf } from './resource.ts'
import { isPositive, numberOf } from './source.ts'

/*
 * HPE's controllers log the machine's power: the mean of each ten seconds of the last 20 minutes (FastPowerMeter) and of
 * each five minutes of the last day (PowerMeter), with the time at which it was captured (HpePowerMeter, PowerDetail).
 */

const MAKER = /^(?:HPE?|Hewlett)\b/i
/** Of one log: a day of five minutes is 288. */
const MOST_SAMPLES = 2_000
const DAY_MS = 86_400_000
/** The newest mean of ten seconds of a controller whose clock is right is no older. */
const MOST_CLOCK_ERROR_MS = 30_000
/** The longest time of which a mean is. */
const LONGEST_MEAN_MS = 300_000
/** Watts are whole, and the ends of the time that is filled are known as well as the controller's clock. */
const UNCERTAINTY = 0.05
const UW_PER_W = 1_000_000n

interface Sample {
  readonly unixMs: number
  readonly powerUw: bigint
}

/** Of the meter that it is a log of. */
export function logChannel(meter: PowerChannel): LogChannel {
  return {
    ...meter,
    device: `${meter.device}-log`,
    quality: 'derived',
    relativeUncertainty: UNCERTAINTY,
    nodeMeter: 'redfish-log',
    fills: channelKey(meter),
    facts: { ...meter.facts, source: 'PowerMeter and FastPowerMeter', use: 'the time between two runs of the agent' },
  }
}

/** Where a chassis has its log; null for one that has none. */
export async function findLogs(get: Get, system: Json, chassis: Json): Promise<Logs | null> {
  const path = MAKER.test(textOf(system, 'Manufacturer')) ? linkOf(chassis, 'Power') : null
  const power = await optional(get, path)
  const [found] = ['Hpe', 'Hp'].flatMap((oem) => {
    const slow = linkOf(power, 'Oem', oem, 'Links', 'PowerMeter')
    const fast = linkOf(power, 'Oem', oem, 'Links', 'FastPowerMeter')
    return slow !== null && fast !== null ? [{ slow, fast }] : []
  })
  return found ?? null
}

export interface Logs {
  readonly slow: string
  readonly fast: string
}

/** What was logged, as readings in order of time. Empty where the controller's clock is off. */
export async function readLogs(get: Get, { slow, fast }: Logs, clock: Clock): Promise<readonly Reading[]> {
  const [older, recent] = [samplesIn(await optional(get, slow)), samplesIn(await optional(get, fast))]
  const [nowMs, nowNs] = [clock.unixMs(), clock.monotonicNs()]
  const [first, newest] = [recent[0], recent.at(-1)]
  if (!first || !newest || Math.abs(newest.unixMs - nowMs) > MOST_CLOCK_ERROR_MS) return []
  const samples = [...older.filter(({ unixMs }) => unixMs < first.unixMs && unixMs >= nowMs - DAY_MS), ...recent]
  const readings = samples.map(({ unixMs, powerUw }, at): Reading => {
    // A mean is of the time before it was captured.
    const beganMs = Math.max(samples[at - 1]?.unixMs ?? unixMs, unixMs - LONGEST_MEAN_MS)
    const middleNs = nowNs - (BigInt(2 * nowMs - unixMs - beganMs) * NS_PER_MS) / 2n
    return { status: 'power', powerUw, beforeNs: middleNs, afterNs: middleNs }
  })
  return [...readings, { status: 'power', powerUw: newest.powerUw, beforeNs: nowNs, afterNs: nowNs }]
}

/** 0 W is what a controller without a meter writes. */
function samplesIn(log: Json): readonly Sample[] {
  const samples = itemsOf(log, 'PowerDetail')
    .slice(-MOST_SAMPLES)
    .flatMap((entry) => {
      const unixMs = Date.parse(textOf(entry, 'Time'))
      const watts = numberOf(dig(entry, 'Average'))
      return watts !== null && isPositive(watts) && Number.isFinite(unixMs)
        ? [{ unixMs, powerUw: wholeParts(watts, UW_PER_W) }]
        : []
    })
  return samples.toSorted((a, b) => a.unixMs - b.unixMs)
}
