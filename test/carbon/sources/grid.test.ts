import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLocation } from '../../../src/carbon/location.ts'
import { HEADER } from '../../../src/carbon/sources/intensity-file.ts'
import { aCarbon } from '../a-carbon.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/grid')
const folder = mkdtempSync(join(tmpdir(), 'wattledger-grid-'))
after(() => rmSync(folder, { recursive: true }))

const HOUR = 3_600_000
const MINUTE = 60_000
const PUE = 1.2

interface Hour {
  readonly startUnixMs: number
  /** Null: the grid has no figure. */
  readonly gPerKwh: number | null
}

function weekOf(zone: string): Hour[] {
  const lines = readFileSync(join(fixtures, `${zone}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  return lines.map((line) => {
    const [timestamp = '', gPerKwh = ''] = line.split(',')
    return { startUnixMs: Date.parse(timestamp), gPerKwh: gPerKwh === '' ? null : Number(gPerKwh) }
  })
}

function intensityCsv(zone: string, hours: readonly Hour[]): string {
  const iso = (unixMs: number) => new Date(unixMs).toISOString()
  const lines = hours.flatMap(({ startUnixMs, gPerKwh }) =>
    gPerKwh === null ? [] : [`${zone},${iso(startUnixMs)},${iso(startUnixMs + HOUR)},${gPerKwh},life-cycle`],
  )
  return `${[HEADER, ...lines].join('\n')}\n`
}

/** A server that idles at 180 W at night and works at 420 W by day, by the local sun. */
function powerUw(unixMs: number, utcOffset: number): bigint {
  const hour = ((unixMs / HOUR + utcOffset) % 24) - 15
  return BigInt(Math.round(1e6 * (300 + 120 * Math.cos((hour / 12) * Math.PI))))
}

/** Means of 2022: see the fixture's README. */
for (const [zone, annual, utcOffset] of [
  ['CA', 256.19, -8],
  ['NY', 272.77, -5],
  ['TX', 347.2, -6],
] as const) {
  test(`a week in ${zone}: minute by minute equals the direct sum to the gram`, async (context) => {
    const hours = weekOf(zone)
    assert.equal(hours.length, 168)
    const path = join(folder, `${zone}.csv`)
    writeFileSync(path, intensityCsv(zone, hours))
    const { grid, refreshed } = createLocation(
      {
        zone: 'US',
        location: [
          { source: 'file', path, zone, basis: 'life-cycle' },
          { source: 'value', g_per_kwh: annual, basis: 'life-cycle', reference: 'mean of 2022' },
        ],
      },
      {
        logger: recorder().logger,
        unixMs: () => hours[0]?.startUnixMs ?? 0,
        env: {},
        cache: noCache,
      },
    )
    await Promise.all(refreshed.map((source) => source.refresh(new AbortController().signal)))
    const { carbon } = aCarbon({ sources: [], grid, pue: PUE })
    let ug = 0n
    let direct = 0
    let kwh = 0
    for (const { startUnixMs, gPerKwh } of hours) {
      let hourUj = 0n
      for (let at = startUnixMs; at < startUnixMs + HOUR; at += MINUTE) {
        const energyUj = powerUw(at, utcOffset) * 60n
        hourUj += energyUj
        ug += carbon.book(energyUj, at, at + MINUTE).co2eLocationUg ?? 0n
      }
      kwh += Number(hourUj) / 3.6e12
      direct += (Number(hourUj) / 3.6e12) * PUE * (gPerKwh ?? annual)
    }
    const grams = Number(ug) / 1e6
    assert.ok(Math.abs(grams - direct) < 0.5, `${grams} g, directly ${direct} g`)
    const byYear = kwh * PUE * annual
    context.diagnostic(
      `${zone}: ${kwh.toFixed(1)} kWh, ${Math.round(grams)} g by the hour, ${Math.round(byYear)} g by the mean of 2022: bias of the mean ${(100 * (byYear / grams - 1)).toFixed(1)} %`,
    )
  })
}
