import assert from 'node:assert/strict'
import { renderExposition } from '../../../src/exporter/exposition.ts'
import { familiesOf } from '../../../src/exporter/metric.ts'
import { SNAPSHOT_METRICS } from '../../../src/exporter/metrics.ts'
import type { SettledTotal } from '../../../src/model/attribution.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { A_SNAPSHOT } from '../../exporter/a-snapshot.ts'

export const BEGAN_S = Date.UTC(2026, 2, 1) / 1e3
export const STEP_S = 120
export const DAY_S = 86_400

const within = (atS: number, fromHour: number, untilHour: number): boolean =>
  atS >= fromHour * 3600 && atS < untilHour * 3600

/** The agent is away. */
const isAway = (atS: number): boolean => within(atS, 4, 4.6)
/** It is there, and nothing can be read. */
const isUnknown = (atS: number): boolean => within(atS, 9, 9.5)
/** The meter of the whole machine is away: its rest is modelled. */
const isModelled = (atS: number): boolean => within(atS, 14, 17)

/** From 0 to 1: quiet at night, with jobs of 40 minutes. */
function busy(atS: number): number {
  const day = (1 - Math.cos((2 * Math.PI * (atS - 3600)) / DAY_S)) / 2
  const job = Math.floor(atS / 2400) % 3 === 0 ? 0.35 : 0
  return Math.min(1, 0.05 + 0.55 * day + job + 0.04 * Math.sin(atS / 700))
}

type Watts = Readonly<Record<'processors' | 'memory' | 'accelerators' | 'rest', number>>
const wattsAt = (atS: number): Watts => ({
  processors: 90 + 160 * busy(atS),
  memory: 18 + 8 * busy(atS),
  accelerators: 60 + (Math.floor(atS / 2400) % 3 === 0 ? 210 : 0),
  rest: 70 + 15 * busy(atS),
})

const gPerKwhAt = (hour: number): number => Math.round(330 + 110 * Math.cos((2 * Math.PI * (hour - 20)) / 24))

/** What a machine has counted so far. */
class Counted {
  readonly #parts = new Map<string, number>()
  readonly #byQuality = { measured: 0, derived: 0, estimated: 0 }
  readonly #tenants = new Map<string, { idle: number; dynamic: number }>()
  #unknownS = 0
  #gapS = 0
  #grams = 0
  #atHour = { joules: 0, grams: 0, tenants: new Map<string, number>() }

  /** Counts the time up to `atS`. */
  pass(atS: number): void {
    if (isAway(atS) || isUnknown(atS)) {
      this.#unknownS += STEP_S
    } else {
      const watts = wattsAt(atS)
      for (const [part, power] of Object.entries(watts)) {
        const quality = part === 'rest' && isModelled(atS) ? 'estimated' : 'measured'
        const key = `${part}/${quality}`
        this.#parts.set(key, (this.#parts.get(key) ?? 0) + power * STEP_S)
        this.#byQuality[quality] += power * STEP_S
      }
      const total = Object.values(watts).reduce((sum, power) => sum + power, 0)
      this.#grams += (total * STEP_S * gPerKwhAt(Math.floor(atS / 3600))) / 3.6e6
      this.#share(atS, total)
    }
    if (isModelled(atS)) this.#gapS += STEP_S / 4
    if (atS % 3600 === 0) this.#close()
  }

  #share(atS: number, total: number): void {
    const used = { web: 0.5 * busy(atS), shop: Math.floor(atS / 2400) % 3 === 0 ? 0.6 : 0.05, unassigned: 0.06 }
    const all = used.web + used.shop + used.unassigned
    const idleShare = { web: 0.4, shop: 0.35, unassigned: 0.25 }
    for (const tenant of ['web', 'shop', 'unassigned'] as const) {
      const was = this.#tenants.get(tenant) ?? { idle: 0, dynamic: 0 }
      const idle = was.idle + 150 * idleShare[tenant] * STEP_S
      const dynamic = was.dynamic + ((total - 150) * used[tenant] * STEP_S) / all
      this.#tenants.set(tenant, { idle, dynamic })
    }
  }

  #close(): void {
    const tenants = new Map([...this.#tenants].map(([name, { idle, dynamic }]) => [name, idle + dynamic]))
    this.#atHour = { joules: [...tenants.values()].reduce((sum, one) => sum + one, 0), grams: this.#grams, tenants }
  }

  snapshot(atS: number): Snapshot {
    const { attribution, settled, node, carbon, intensities, channels } = A_SNAPSHOT
    assert.ok(attribution && settled)
    const tenantOf = (name: string) => this.#tenants.get(name) ?? { idle: 0, dynamic: 0 }
    const known = !isUnknown(atS)
    const watts = Object.values(wattsAt(atS)).reduce((sum, power) => sum + power, 0)
    const share = new Map([
      ['pod', 1],
      ['service', 0.8],
      ['other', 0.2],
      ['system', 1],
    ])
    const settledOf = (total: SettledTotal, joules: number): SettledTotal => ({
      ...total,
      energyUj: uj(joules),
      co2eUg: {
        ...total.co2eUg,
        location: { direct: 0n, 'life-cycle': uj((joules * this.#atHour.grams) / (this.#atHour.joules || 1)) },
      },
    })
    const bookedUg = {
      location: { direct: 0n, 'life-cycle': uj(this.#grams) },
      market: { direct: uj(this.#grams * 0.4), 'life-cycle': 0n },
      embodied: { direct: 0n, 'life-cycle': uj((atS * 1_313_000) / (4 * 365 * DAY_S)) },
    }
    const [intensity] = intensities
    assert.ok(intensity)
    const hour = Math.floor(atS / 3600)
    return {
      ...A_SNAPSHOT,
      atUnixMs: (BEGAN_S + atS) * 1e3,
      node: {
        ...node,
        powerUw: known ? uj(watts) : null,
        uncertaintyRatio: isModelled(atS) ? 0.09 : 0.03,
        totals: {
          energyUj: {
            measured: uj(this.#byQuality.measured),
            derived: 0n,
            estimated: uj(this.#byQuality.estimated),
          },
          parts: [...this.#parts].map(([key, joules]) => {
            const [part, quality] = key.split('/')
            return { part, quality, energyUj: uj(joules) } as Snapshot['node']['totals']['parts'][number]
          }),
          unaccountedNs: BigInt(this.#unknownS) * 1_000_000_000n,
          leafGaps: [{ name: 'accelerators/0000:5e:00.0', unaccountedNs: uj(this.#gapS) * 1000n }],
        },
      },
      channels: channels.map((one) => ({
        ...one,
        powerUw: known && one.powerUw !== null ? uj((Number(one.powerUw) / 1e6) * (0.5 + busy(atS))) : null,
      })),
      carbon: { ...carbon, bookedUg, gridWaterUl: uj(this.#grams * 0.004) },
      counted: { ...A_SNAPSHOT.counted, market: ['direct'] },
      intensities: [
        {
          ...intensity,
          mgPerKwh: BigInt(gPerKwhAt(hour)) * 1000n,
          source: 'entsoe',
          startsUnixMs: (BEGAN_S + hour * 3600) * 1e3,
        },
      ],
      selfEnergyUj: uj(atS * 0.12),
      attribution: {
        ...attribution,
        consumers: attribution.consumers.map((one) => {
          const { idle, dynamic } = tenantOf(one.tenant)
          const part = share.get(one.consumer.kind) ?? 0
          return { ...one, idleUj: uj(idle * part), dynamicUj: uj(dynamic * part) }
        }),
        tenants: attribution.tenants.map((one) => {
          const { idle, dynamic } = tenantOf(one.tenant)
          return { ...one, idleUj: uj(idle), dynamicUj: uj(dynamic) }
        }),
        accelerators: (attribution.accelerators ?? []).map((one) => ({
          ...one,
          reservedIdleNs: uj(atS * 0.3) * 1000n,
        })),
      },
      settled: {
        untilUnixMs: (BEGAN_S + hour * 3600) * 1e3,
        node: settledOf(settled.node, this.#atHour.joules),
        tenants: new Map(
          [...settled.tenants].map(([name, total]) => [name, settledOf(total, this.#atHour.tenants.get(name) ?? 0)]),
        ),
      },
    }
  }
}

/** Millionths. */
const uj = (units: number): bigint => BigInt(Math.round(units * 1e6))

/** A day of scrapes as OpenMetrics with times. */
export async function aDay(instance: string): Promise<string> {
  const counted = new Counted()
  const lines: string[] = []
  for (let atS = STEP_S; atS <= DAY_S; atS += STEP_S) {
    counted.pass(atS)
    if (isAway(atS)) continue
    const text = await renderExposition(familiesOf(SNAPSHOT_METRICS, counted.snapshot(atS)), 'text')
    for (const line of text.split('\n').filter((line) => line.startsWith('wattledger_'))) {
      const [, name = '', labels, value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      lines.push(`${name}{instance="${instance}"${labels ? `,${labels}` : ''}} ${value} ${BEGAN_S + atS}\n`)
    }
  }
  return `${lines.join('')}# EOF\n`
}
