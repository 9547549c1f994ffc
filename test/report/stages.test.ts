import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StageSum } from '../../src/ledger/report-rows.ts'
import { ageOfFactors, isOld, publications, publishedAs } from '../../src/report/official-factors.ts'
import type { Report } from '../../src/report/report.ts'
import { stageTable } from '../../src/report/stage-table.ts'
import { lifeUg, stageLines, stageOfRows } from '../../src/report/stages.ts'
import { asked, configured, jsonOf } from './asked.ts'
import { handMade } from './hand-made.ts'

const SPAN = { from: '2026-10-31T22:00:00Z', to: '2026-11-01T02:00:00Z' }
const stage = (name: StageSum['stage'], ug: bigint | null): StageSum => ({
  stage: name,
  source: 'study',
  ug,
  lowUg: ug,
  highUg: ug,
})

test('stages add up to the life, and the counted one is the making of the report to the µg', async (t) => {
  const folder = await handMade(t)
  const { stages, total } = await jsonOf(folder, SPAN, configured(t))
  const ug = stages.map((one: { ug: string }) => BigInt(one.ug))
  assert.deepEqual(ug, [25_000_000n, 1_000_000n, 500_000n])
  assert.equal(String(ug[0]), total.embodiedUg)
  assert.deepEqual(
    stages.map((one: { scope3Category: string; isCounted: boolean }) => [one.scope3Category, one.isCounted]),
    [
      ['2', true],
      ['4', false],
      ['5 or 12', false],
    ],
  )
})

test('rows of CSV add up to the stage, and a tenant has its part of it', async (t) => {
  const folder = await handMade(t)
  const csv = (await asked(folder, { ...SPAN, by: 'hour', format: 'csv' }, { config: configured(t) })).out
  const [head = [], ...rows] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  const sum = (name: string) => rows.reduce((all, row) => all + Number(row[head.indexOf(name)] || 0) * 1e6, 0)
  assert.deepEqual([sum('transport_g'), sum('end_of_life_g')], [1_000_000, 500_000])
  // Of the hour without an account nothing is known.
  assert.equal(rows[2]?.[head.indexOf('transport_g')], '')
  const october = { month: '2026-10', tenant: 'lab' }
  const { stages, statement } = await jsonOf(folder, october, configured(t))
  // 5 g of the making of lab: 4 % are its transport.
  assert.equal(statement.own.embodiedG, 5)
  assert.deepEqual(
    stages.map(({ ug }: { ug: string }) => Number(ug)),
    [5_000_000, 200_000, 100_000],
  )
})

test('what is shared out over rows is all of it', () => {
  const [line] = stageLines([stage('transport', 100n)], 9n, 9n)
  const rows = [3n, 3n, 3n, 0n].map((embodiedUg) => ({ figures: { embodiedUg } as never }))
  const parts = stageOfRows(line, rows)
  assert.equal(
    parts.reduce<bigint>((sum, part) => sum + (part ?? 0n), 0n),
    100n,
  )
  assert.deepEqual(stageOfRows(line, [{ figures: { embodiedUg: null } as never }]), [null])
  assert.deepEqual(stageOfRows(undefined, rows), [null, null, null, null])
})

test('a stage that nobody knows is said, and so is then the whole', () => {
  const stages = stageLines([stage('manufacturing', 10n ** 9n), stage('transport', null)], 1n, 1n)
  assert.equal(lifeUg(stages), null)
  const table = stageTable({ stages, total: { locationUg: null } } as unknown as Report)
  assert.deepEqual(
    table?.rows.map((row) => row.slice(0, 3)),
    [
      ['raw material and manufacturing', '3, cat. 2', '1.0000'],
      ['use', '2, by location', '–'],
      ['transport to the site', '3, cat. 4', 'not known'],
    ],
  )
  assert.equal(table?.total?.[2], 'not known')
  assert.equal(stageTable({ stages: [] } as unknown as Report), null)
})

const reportOf = (sources: readonly string[], untilUnixMs: number) =>
  ({ factors: sources.map((source) => ({ source })), about: { untilUnixMs } }) as unknown as Report

test('a yearly figure is old once its year was over more than two years before', () => {
  const end = Date.UTC(2026, 0, 1)
  assert.equal(isOld(2023, end), false)
  assert.equal(isOld(2023, end + 1), true)
  assert.equal(
    ageOfFactors(reportOf(['static:egrid-2023', 'uk'], end + 1)),
    'static:egrid-2023 is of 2023: more than 2 years before the end of the period.',
  )
  assert.match(ageOfFactors(reportOf(['static:ember-2024'], end)), /^No yearly figure is older/)
  assert.match(ageOfFactors(reportOf(['uk'], end)), /^No figure of a past year counted/)
})

test('each official figure that counted is named with edition, scope, licence and page', () => {
  const [first, second, ...more] = publications(reportOf(['static:desnz-2026 + uk', 'static:nga-residual-2026'], 0))
  assert.deepEqual(more, [])
  assert.match(
    first?.[1] ?? '',
    /Conversion Factors for Company Reporting 2026, .*; Scope 2 by location; .*losses of the grid not included.*; Open Government Licence v3\.0; https:\/\/www\.gov\.uk\//,
  )
  assert.match(second?.[1] ?? '', /Scope 2 by market, residual mix; .*; CC BY 4\.0; /)
  assert.equal(publishedAs('electricitymaps'), null)
})
