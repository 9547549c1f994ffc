import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIntensities } from '../../../src/carbon/sources/intensity-file.ts'

const OLD =
  'Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO₂eq/kWh (direct),Carbon Intensity gCO₂eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,Data Estimated,Data Estimation Method'
const NEW =
  'Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),Renewable energy percentage (RE%),Data source,Data estimated,Data estimation method'

const line = (time: string, direct: string, lifeCycle: string, estimated = 'false') =>
  `${time},Germany,Germany,DE,${direct},${lifeCycle},83.79,78.42,entsoe.eu,${estimated},`

function rowsOf(...lines: readonly string[]) {
  return parseIntensities(lines.join('\n'), 'DE_2023_hourly.csv').map(
    ({ zone, basis, mgPerKwh, status, startsUnixMs, endsUnixMs, dataQuality }) => {
      const [starts = '', ends = ''] = [startsUnixMs, endsUnixMs].map((at) => new Date(at).toISOString().slice(0, 16))
      return [zone, basis, Number(mgPerKwh) / 1e3, status, starts, ends, dataQuality]
    },
  )
}

test('a year by the hour as it is downloaded, under the names of today and before: two bases, estimates as such', () => {
  for (const header of [OLD, NEW, `\uFEFF${NEW.replaceAll('₂', '2').toUpperCase()}`]) {
    assert.deepEqual(
      rowsOf(
        header,
        line('2023-01-01 00:00:00', '140.51', '185.8'),
        line('2023-01-01 01:00:00', '140.44', '185.7', 'true'),
        line('2023-01-01 02:00:00', '', ''),
        line('2023-01-01 03:00:00', '', '190', 'True'),
        '',
      ),
      [
        ['DE', 'direct', 140.51, 'final', '2023-01-01T00:00', '2023-01-01T01:00', 1],
        ['DE', 'life-cycle', 185.8, 'final', '2023-01-01T00:00', '2023-01-01T01:00', 1],
        ['DE', 'direct', 140.44, 'estimated', '2023-01-01T01:00', '2023-01-01T02:00', 2],
        ['DE', 'life-cycle', 185.7, 'estimated', '2023-01-01T01:00', '2023-01-01T02:00', 2],
        ['DE', 'life-cycle', 190, 'estimated', '2023-01-01T03:00', '2023-01-01T04:00', 2],
      ],
    )
  }
})

test('by the day, the month and the year, each as long as it is', () => {
  for (const [times, ends] of [
    [
      ['2024-02-28 00:00:00', '2024-02-29 00:00:00'],
      ['2024-02-29T00:00', '2024-03-01T00:00'],
    ],
    [
      ['2024-01-01 00:00:00', '2024-02-01 00:00:00', '2024-03-01 00:00:00'],
      ['2024-02-01T00:00', '2024-03-01T00:00', '2024-04-01T00:00'],
    ],
    [
      ['2023-01-01 00:00:00', '2024-01-01 00:00:00'],
      ['2024-01-01T00:00', '2025-01-01T00:00'],
    ],
  ] as const) {
    const rows = rowsOf(NEW, ...times.map((time) => line(time, '140', '')))
    assert.deepEqual(
      rows.map((row) => row[5]),
      ends,
    )
    assert.ok(rows.every((row) => row[6] === 3))
  }
})

test('an hour that is missing does not make the one before it longer', () => {
  const times = ['00', '01', '04', '05'].map((hour) => `2023-01-01 ${hour}:00:00`)
  const rows = rowsOf(NEW, ...times.map((time) => line(time, '140', '')))
  assert.equal(rows[1]?.[5], '2023-01-01T02:00')
})

test('what is no such file is refused by its place', () => {
  const good = line('2023-01-01 00:00:00', '140.51', '185.8')
  const next = line('2023-01-01 01:00:00', '140.51', '185.8')
  for (const [lines, problem] of [
    [[NEW, good], /^TableError: 2:1: expected two lines of one zone/],
    [
      [NEW.replace('(direct)', ''), good, next],
      /^TableError: 1:1: expected the columns of Electricity Maps' downloads/,
    ],
    [[NEW, good, next.replace('140.51', '-1')], /^TableError: 3:40: expected g\/kWh from 0 to 2000, received "-1"/],
    [
      [NEW, good, next, next.replace('01 01', '32 01')],
      /^TableError: 4:1: expected a time such as 2026-01-31 12:00:00, received "2023-01-32 01:00:00"$/,
    ],
    [[NEW, good, next, next.replace(',DE,', ',,')], /^TableError: 4:37: expected a zone/],
    [[NEW, good, next, `${next},`], /^TableError: 4:\d+: expected 11 fields/],
  ] as const) {
    assert.throws(() => rowsOf(...lines), problem)
  }
})
