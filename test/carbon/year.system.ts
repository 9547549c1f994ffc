import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMBINATIONS, energyYear, gridYear, meanOf, PUE, yearFigures, yearRow } from '../../bench/carbon-year.ts'

/** Hours without a figure, as in the source. */
const MISSING: Readonly<Record<string, number>> = { CA: 3, NY: 0, TX: 0 }

const page = readFileSync(join(import.meta.dirname, '../../docs/carbon.md'), 'utf8')

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b)

for (const [zone, trace] of COMBINATIONS) {
  test(`2022 in ${zone} with the load of ${trace}: by the hour is the direct sum to the gram`, async (context) => {
    const [figures, energies] = [gridYear(zone), energyYear(trace)]
    assert.deepEqual([figures.length, energies.length], [8_760, 8_760])
    const year = await yearFigures(zone, trace)
    const { rows } = year
    const mean = meanOf(figures)
    const kwh = energies.map((uj) => Number(uj) / 3.6e12)
    const intensity = figures.map((g) => g ?? mean)
    const direct = sum(kwh.map((e, hour) => e * PUE * (intensity[hour] ?? Number.NaN)))
    const bookedUg = rows.reduce((ug, { co2eUg }) => ug + co2eUg, 0n)
    assert.ok(Math.abs(Number(bookedUg) / 1e6 - direct) < 0.01, `${bookedUg} µg, directly ${direct} g`)
    assert.equal(
      rows.reduce((uj, { energyUj }) => uj + energyUj, 0n),
      energies.reduce((a, b) => a + b),
    )
    // An hour without a figure is counted, and says that it is an estimate, by what and why.
    const standIns = rows.filter(({ factor }) => factor.status !== 'final')
    assert.equal(standIns.length, MISSING[zone])
    for (const { factor } of standIns) {
      assert.deepEqual(
        [factor.source, factor.status, factor.reason, Number(factor.mgPerKwh) / 1e3],
        ['value:mean of 2022', 'estimated', 'file: it has no figure for this time', mean],
      )
    }
    // The bias of a mean is the covariance that it leaves out. These traces are means of thousands of machines and hardly
    // follow the sun, so it is small, and its sign differs.
    const meanKwh = sum(kwh) / kwh.length
    const covariance = sum(kwh.map((e, hour) => (e - meanKwh) * ((intensity[hour] ?? Number.NaN) - mean))) / kwh.length
    const byCovariance = (-100 * covariance) / (meanKwh * mean + covariance)
    // Half a milligram of the mean is 0.0002 % of it.
    assert.ok(
      Math.abs(year.biasPercent - byCovariance) < 2e-4,
      `${year.biasPercent} %, by covariance ${byCovariance} %`,
    )
    assert.ok(Math.abs(year.biasPercent) < 1)
    const cells = [zone, trace, year.kwh.toFixed(1), year.hourlyKg.toFixed(3), year.annualKg.toFixed(3)]
    assert.ok(
      page.includes(`| ${cells.join(' | ')} | ${year.biasPercent.toFixed(2)} % |`),
      'docs/carbon.md has this row',
    )
    const { name, figure, aim } = yearRow(zone, trace, year)
    context.diagnostic(`${name}: ${figure} (${aim})`)
  })
}
