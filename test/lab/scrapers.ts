import { setTimeout } from 'node:timers/promises'
import type { GuestService, Samples } from './guest-service.ts'

const INTERVAL_S: Readonly<Record<string, number>> = { rapl: 1, ipmi: 5, estimate: 1 }

export interface ScrapeReport {
  readonly clients: number
  readonly seconds: number
  readonly scrapes: number
  readonly errors: readonly string[]
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Sweeps that the agent's interval asks for and that were not made, by sensor. */
  readonly missed: Readonly<Record<string, number>>
  /** Time that became unaccounted, of all meters. The model without a meter reads on the event loop and may be late. */
  readonly unaccountedS: number
}

export interface ScrapeLoad {
  /** All of them ask at the same time. */
  readonly clients: number
  readonly durationMs: number
  /** From one question of a client to its next; 0: as soon as it has its answer. */
  readonly intervalMs: number
}

/** Scrapes with many clients at once, and says what the sampling lost by it. */
export async function scrapeBy(
  { clients, durationMs, intervalMs }: ScrapeLoad,
  service: GuestService,
): Promise<ScrapeReport> {
  const times: number[] = []
  const errors: string[] = []
  const before = await service.scrape()
  const beganMs = performance.now()
  const client = async () => {
    while (performance.now() - beganMs < durationMs) {
      const startedMs = performance.now()
      try {
        await service.scrape()
        times.push(performance.now() - startedMs)
      } catch (error) {
        errors.push(String(error))
      }
      const tookMs = performance.now() - startedMs
      if (tookMs < intervalMs) await setTimeout(intervalMs - tookMs)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - beganMs) / 1e3
  const after = await service.scrape()
  times.sort((a, b) => a - b)
  const quantile = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))] ?? Number.NaN)
  return {
    clients,
    seconds: Math.round(seconds),
    scrapes: times.length,
    errors,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    missed: missedSweeps(before, after, seconds),
    unaccountedS: grown(before, after, /^wattledger_unaccounted_seconds_total\{sensor="(rapl|ipmi)"/),
  }
}

function missedSweeps(before: Samples, after: Samples, seconds: number): Record<string, number> {
  const missed = Object.entries(INTERVAL_S).map(([sensor, intervalS]) => {
    const made = grown(before, after, new RegExp(`^wattledger_sensor_read_seconds_count\\{sensor="${sensor}"\\}`))
    return [sensor, Math.max(0, Math.floor(seconds / intervalS) - made)] as const
  })
  return Object.fromEntries(missed)
}

function grown(before: Samples, after: Samples, series: RegExp): number {
  const sum = (samples: Samples) =>
    [...samples].reduce((total, [name, value]) => (series.test(name) ? total + value : total), 0)
  return sum(after) - sum(before)
}
