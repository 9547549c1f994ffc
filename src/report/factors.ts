import type { BookedHour } from '../ledger/report-rows.ts'
import type { FactorSum } from './report.ts'

interface Sum extends BookedHour {
  readonly facility: number
  readonly hours: number
}

/** The figures of a span, summed up by all that tells them apart but the time. */
export class Factors {
  readonly #sums = new Map<string, Sum>()

  add(booked: BookedHour): void {
    const { account, instrument, basis, zone, source, status, dq, uncertaintyPpm } = booked
    const key = JSON.stringify([account, instrument, basis, zone, source, status, Number(dq), Number(uncertaintyPpm)])
    const sum = this.#sums.get(key)
    this.#sums.set(key, {
      ...booked,
      energyUj: booked.energyUj + (sum?.energyUj ?? 0n),
      co2eUg: booked.co2eUg + (sum?.co2eUg ?? 0n),
      facility: booked.facilityMj + (sum?.facility ?? 0),
      hours: 1 + (sum?.hours ?? 0),
      leastMgPerKwh: least(booked.leastMgPerKwh, sum?.leastMgPerKwh ?? null),
      mostMgPerKwh: most(booked.mostMgPerKwh, sum?.mostMgPerKwh ?? null),
    })
  }

  /** By account and instrument, in the order of their names. */
  get all(): FactorSum[] {
    return [...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => factorOf(sum))
  }
}

function factorOf(sum: Sum): FactorSum {
  const { account, instrument, basis, zone, source, status, energyUj, co2eUg, facility, hours } = sum
  const grams = (mg: bigint | null) => (mg === null ? null : Number(mg) / 1e3)
  return {
    account,
    instrument,
    basis,
    zone,
    source,
    status,
    dq: Number(sum.dq),
    uncertaintyPct: Number(sum.uncertaintyPpm) / 5e3,
    energyUj,
    co2eUg,
    // 3.6 MJ are a kWh.
    gPerKwh: sum.mostMgPerKwh === null || facility === 0 ? null : (3.6e-6 * Number(co2eUg)) / facility,
    leastGPerKwh: grams(sum.leastMgPerKwh),
    mostGPerKwh: grams(sum.mostMgPerKwh),
    hours,
  }
}

function least(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? (a ?? b) : a < b ? a : b
}

function most(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? (a ?? b) : a > b ? a : b
}
