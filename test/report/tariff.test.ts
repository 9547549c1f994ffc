import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { ReportFault } from '../../src/report/report-fault.ts'
import { checkTariff, costOf, createTariff, microCost } from '../../src/report/tariff.ts'
import { tariff as schema } from '../../src/report/tariff-schema.ts'
import { scratchDirectory } from '../ledger/setting.ts'

const KWH_UJ = 3_600_000_000_000n
const tariffOf = (settings: unknown) => createTariff(schema.parse(settings))

/** What a kWh costs in an hour, in millionths. */
function price(tariff: ReturnType<typeof tariffOf>, hour: string): number | null {
  const cost = costOf(KWH_UJ, tariff?.priceOf(Date.parse(hour)) ?? null)
  return cost === null ? null : Number(microCost(cost))
}

function priceFile(t: TestContext, text: string) {
  const path = join(scratchDirectory(t), 'prices.csv')
  writeFileSync(path, text)
  return { source: 'file', currency: 'EUR', path }
}

test('no tariff, and one price', () => {
  assert.equal(tariffOf(undefined), null)
  assert.equal(price(tariffOf({ source: 'flat', currency: 'EUR', per_kwh: 0.1234567 }), '2026-11-01T00:00Z'), 123_457)
})

test('by weekday and hour on the clocks of the site, across a change of the clocks', () => {
  const weekdays = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], hours: '08:00-20:00', per_kwh: 0.31 }
  const nights = { hours: '22:00-06:00', per_kwh: -0.02 }
  const tariff = tariffOf({
    source: 'schedule',
    currency: 'EUR',
    timezone: 'Europe/Berlin',
    default: 0.22,
    entries: [weekdays, nights],
  })
  // Berlin is two hours ahead until 25 October 2026, one after.
  assert.equal(price(tariff, '2026-10-23T06:00Z'), 310_000)
  assert.equal(price(tariff, '2026-10-26T06:00Z'), 220_000)
  assert.equal(price(tariff, '2026-10-26T07:00Z'), 310_000)
  assert.equal(price(tariff, '2026-10-24T10:00Z'), 220_000)
  assert.equal(price(tariff, '2026-10-26T22:00Z'), -20_000)
  // Three quarters of an UTC hour of Kathmandu lie in one hour of its clocks.
  const nepal = tariffOf({
    source: 'schedule',
    currency: 'NPR',
    timezone: 'Asia/Kathmandu',
    default: 1,
    entries: [{ hours: '06:00-07:00', per_kwh: 2 }],
  })
  assert.equal(price(nepal, '2026-10-26T00:00Z'), 1_750_000)
})

test('a schedule with two prices for an hour, no hours or an unknown zone is refused', () => {
  const refused = (more: object) =>
    assert.throws(
      () =>
        tariffOf({
          source: 'schedule',
          currency: 'EUR',
          default: 1,
          entries: [{ per_kwh: 2, days: ['sat'] }],
          ...more,
        }),
      ConfigFault,
    )
  refused({ timezone: 'Europe/Berlim' })
  refused({ entries: [{ per_kwh: 1 }, { per_kwh: 2, days: ['sun'] }] })
  refused({ entries: [{ per_kwh: 1, hours: '08:00-08:00' }] })
})

test('a file: the mean of an hour, none where it does not cover all of it', (t) => {
  const rows = [
    '2026-11-01T00:15:00Z,2026-11-01T01:00:00Z,0.20',
    '2026-11-01T00:00:00Z,2026-11-01T00:15:00Z,-0.40',
    '2026-11-01T02:00:00+01:00,2026-11-01T01:30:00Z,1',
  ]
  const tariff = tariffOf(priceFile(t, `start,end,per_kwh\n${rows.join('\n')}\n`))
  assert.equal(price(tariff, '2026-11-01T00:00Z'), 50_000)
  assert.equal(price(tariff, '2026-11-01T01:00Z'), null)
  assert.equal(price(tariff, '2030-01-01T00:00Z'), null)
  assert.equal(costOf(0n, tariff?.priceOf(Date.parse('2030-01-01T00:00Z')) ?? null), 0n)
  assert.match(tariff?.rule ?? '', /prices\.csv \(sha256 [0-9a-f]{64}\)/)
})

test('a bad file is refused with its line', (t) => {
  const refused = (text: string, expected: RegExp) =>
    assert.throws(
      () => tariffOf(priceFile(t, text)),
      (error) =>
        error instanceof ReportFault &&
        error.code === 'REPORT_TARIFF' &&
        expected.test(error.message) &&
        !error.message.includes('\n'),
    )
  refused('a,b\n', /prices\.csv:1:1: expected the header start,end,per_kwh/)
  refused('start,end,per_kwh\n2026-11-01,2026-11-02,1\n', /prices\.csv:2:1: expected an RFC 3339 time/)
  refused('start,end,per_kwh\n2026-11-01T00:00:00Z,2026-11-01T01:00:00Z,cheap\n', /prices\.csv:2:43: expected a price/)
  const twice = '2026-11-01T00:00:00Z,2026-11-01T01:00:00Z,1\n'
  refused(`start,end,per_kwh\n${twice}${twice}`, /received two for 2026-11-01T00:00:00\.000Z/)
  const folder = join(scratchDirectory(t), 'prices')
  mkdirSync(folder)
  for (const path of [folder, '/dev/zero', '/nowhere.csv']) {
    assert.throws(() => tariffOf({ source: 'file', currency: 'EUR', path }), /cannot read the prices \//)
  }
})

test('a check of the configuration names the key', () => {
  const schedule = {
    source: 'schedule',
    currency: 'EUR',
    default: 1,
    timezone: 'Europe/Berlim',
    entries: [{ per_kwh: 1 }, { per_kwh: 2 }],
  }
  assert.deepEqual(
    checkTariff(schema.parse(schedule)).map(({ key }) => key),
    ['report.tariff.timezone', 'report.tariff.entries.1'],
  )
  const [missing] = checkTariff(schema.parse({ source: 'file', currency: 'EUR', path: '/nowhere.csv' }))
  assert.equal(missing?.key, 'report.tariff.path')
  assert.deepEqual(checkTariff(schema.parse({ source: 'flat', currency: 'EUR', per_kwh: 1 })), [])
})
