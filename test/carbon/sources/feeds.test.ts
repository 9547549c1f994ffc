import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eiaFeed } from '../../../src/carbon/sources/eia.ts'
import { electricityMapsFeed } from '../../../src/carbon/sources/electricitymaps.ts'
import { prometheusFeed } from '../../../src/carbon/sources/prometheus.ts'
import { rteFeed } from '../../../src/carbon/sources/rte.ts'
import { ukFeed } from '../../../src/carbon/sources/uk.ts'
import { GridServer, HOUR, liveSource, NOON } from './grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-feeds-'))
after(() => rmSync(folder, { recursive: true }))
const keyFile = join(folder, 'key')
writeFileSync(keyFile, 'secret-key\n', { mode: 0o600 })

test('uk: half hours, a forecast where there is no actual figure yet', async () => {
  await using server = await GridServer.start()
  const { refresh, at, source } = liveSource(ukFeed(server.url))
  server.says({
    data: [
      {
        from: '2026-01-31T11:30Z',
        to: '2026-01-31T12:00Z',
        intensity: { forecast: 266, actual: 263, index: 'moderate' },
      },
      {
        from: '2026-01-31T12:00Z',
        to: '2026-01-31T12:30Z',
        intensity: { forecast: 250, actual: null, index: 'moderate' },
      },
      { from: '2026-01-31T12:30Z', to: '2026-01-31T13:00Z', intensity: { forecast: null, actual: null, index: null } },
    ],
  })
  assert.equal(await refresh(), 600_000)
  assert.equal(server.asked[0]?.url.pathname, '/intensity/2026-01-29T12:00Z/2026-02-01T12:10Z')
  assert.deepEqual(at(NOON - 1), [263, 'GB', 'direct', 'final'])
  assert.deepEqual(at(NOON), [250, 'GB', 'direct', 'provisional'])
  assert.equal(at(NOON + HOUR / 2), null)
  assert.equal(source.problem, null)
})

test('electricitymaps: hours of the zone and basis that were asked for, with the key in a header', async () => {
  await using server = await GridServer.start()
  const config = { source: 'electricitymaps', key_file: keyFile, zone: null, basis: 'life-cycle', hold: 0 } as const
  const { refresh, at, source } = liveSource(electricityMapsFeed(config, 'DE', server.url))
  const hour = (datetime: string, carbonIntensity: number | null, more: object = {}) => ({
    zone: 'DE',
    carbonIntensity,
    datetime,
    updatedAt: '2026-01-31T12:05:00.000Z',
    createdAt: '2026-01-30T12:05:00.000Z',
    emissionFactorType: 'lifecycle',
    isEstimated: false,
    estimationMethod: null,
    ...more,
  })
  const before = hour('2026-01-31T11:00:00.000Z', 302)
  server.says({ zone: 'DE', history: [before, hour('2026-01-31T12:00:00.000Z', 311.5, { isEstimated: true })] })
  await refresh()
  const [asked] = server.asked
  assert.equal(asked?.url.href, 'http://grid/v3/carbon-intensity/history?zone=DE&emissionFactorType=lifecycle')
  assert.equal(asked?.headers['auth-token'], 'secret-key')
  assert.deepEqual(at(NOON - HOUR), [302, 'DE', 'life-cycle', 'final'])
  assert.deepEqual(at(NOON), [311.5, 'DE', 'life-cycle', 'estimated'])
  for (const [wrong, problem] of [
    [{ zone: 'FR' }, /expected zone DE, received "FR"/],
    [{ emissionFactorType: 'direct' }, /expected emissionFactorType lifecycle, received "direct"/],
    [{ carbonIntensity: -1 }, /expected g\/kWh from 0 to 2000, received -1/],
    [{ carbonIntensity: 2001 }, /expected g\/kWh/],
    [{ carbonIntensity: '302' }, /expected g\/kWh/],
    [{ datetime: '2026-01-31' }, /expected a time at datetime/],
    [{ datetime: '2026-03-31T12:00:00Z' }, /expected a time inside the requested window/],
  ] as const) {
    server.says({ zone: 'DE', history: [hour('2026-01-31T12:00:00.000Z', 99), { ...before, ...wrong }] })
    await refresh()
    assert.match(source.problem ?? '', problem)
    assert.deepEqual(at(NOON), [311.5, 'DE', 'life-cycle', 'estimated'], 'half an answer was taken')
  }
})

test('rte: quarters of an hour, late; the newest holds on for as long as it is told', async () => {
  await using server = await GridServer.start()
  const { refresh, at, source, clock } = liveSource(rteFeed(server.url), { holdMs: HOUR })
  server.says([
    { date_heure: '2026-01-31T11:30:00+00:00', taux_co2: 23 },
    { date_heure: '2026-01-31T12:15:00+01:00', taux_co2: 24 },
  ])
  await refresh()
  const { searchParams } = server.asked[0]?.url ?? new URL('http://none')
  assert.match(searchParams.get('where') ?? '', /date_heure >= date'2026-01-29T12:00:00Z'$/)
  assert.deepEqual(at(NOON - 45 * 60_000), [24, 'FR', 'direct', 'provisional'])
  assert.deepEqual(at(NOON - 16 * 60_000), [23, 'FR', 'direct', 'provisional'])
  assert.deepEqual(at(clock.nowUnixMs), [23, 'FR', 'direct', 'estimated'])
  assert.equal(at(NOON + 45 * 60_000), null)
  assert.equal(source.problem, 'its newest figure is for an earlier time')
})

test('prometheus: one series by the minute in means of five, its zone that of the label', async () => {
  await using server = await GridServer.start()
  const config = {
    source: 'prometheus',
    url: `${server.url}/prom/`,
    query: 'max(grid{zone="DE"}) by (zone)',
    basis: 'direct',
    key_file: keyFile,
    hold: 0,
  } as const
  const { refresh, at, source } = liveSource(prometheusFeed(config, 'DE'))
  const series = (zone: string, ...values: readonly [number, string][]) => ({ metric: { zone }, values })
  const answer = (...result: readonly object[]) => ({ status: 'success', data: { resultType: 'matrix', result } })
  server.says(answer(series('DE', [NOON / 1e3 + 480, '350'], [NOON / 1e3 + 540, '350.5'], [NOON / 1e3 + 600, '351'])))
  await refresh()
  const [asked] = server.asked
  assert.equal(asked?.url.pathname, '/prom/api/v1/query_range')
  assert.equal(asked?.url.searchParams.get('query'), config.query)
  assert.equal(asked?.url.searchParams.get('end'), String(NOON / 1e3 + 600))
  assert.equal(asked?.headers.authorization, 'Bearer secret-key')
  assert.equal(asked?.url.searchParams.get('start'), String(NOON / 1e3 - 3_600))
  assert.deepEqual(at(NOON + 300_000), [350.25, 'DE', 'direct', 'provisional'])
  assert.deepEqual(at(NOON + 899_999), [351, 'DE', 'direct', 'provisional'])
  assert.equal(at(NOON + 900_000), null)
  const gap = [
    [NOON / 1e3 + 540, 'NaN'],
    [NOON / 1e3 + 570, '+Inf'],
    [NOON / 1e3 + 600, '352'],
  ] as const
  server.says(answer(series('DE', ...gap.map(([at, text]): [number, string] => [at, text]))))
  await refresh()
  assert.deepEqual(at(NOON + 600_000), [352, 'DE', 'direct', 'provisional'])
  for (const [body, problem] of [
    [answer(), /a query with one series, received "0 series"/],
    [answer(series('DE'), series('DE')), /a query with one series, received "2 series"/],
    [answer(series('FR', [NOON / 1e3, '1'])), /expected zone DE, received "FR"/],
    [answer(series('DE', [NOON / 1e3, 'NaN'])), /expected figures for the requested time/],
    [answer(series('DE', [NOON / 1e3, 'many'])), /expected g\/kWh/],
    [answer(series('DE', [NOON / 1e3, ''])), /expected g\/kWh/],
    [answer({ metric: { zone: 'DE' }, values: [1] }), /a time and a value/],
  ] as const) {
    server.says(body)
    await refresh()
    assert.match(source.problem ?? '', problem)
  }
})

test('eia: hours by their end, from the fuels that were burnt; an hour that still lacks a fuel is left out', async () => {
  await using server = await GridServer.start()
  const row = (period: string, fueltype: string, value: string | null, more: object = {}) => ({
    period,
    respondent: 'CISO',
    fueltype,
    value,
    'value-units': 'megawatthours',
    ...more,
  })
  const full = [
    row('2026-01-31T10', 'NG', '6000'),
    row('2026-01-31T10', 'COL', '1000'),
    row('2026-01-31T10', 'NUC', '2000'),
    row('2026-01-31T10', 'SUN', '-5'),
    row('2026-01-31T10', 'OTH', '900'),
    row('2026-01-31T10', 'BAT', '5000'),
  ]
  const late = [row('2026-01-31T11', 'NUC', '2000'), row('2026-01-31T11', 'NG', null)]
  const config = { source: 'eia', key_file: keyFile, respondent: 'CISO', basis: 'life-cycle', hold: 0 } as const
  const { refresh, at, source } = liveSource(eiaFeed(config, server.url))
  server.says({ response: { total: '8', data: [...full, ...late] } })
  await refresh()
  const [asked] = server.asked
  assert.equal(asked?.headers['x-api-key'], 'secret-key')
  assert.doesNotMatch(asked?.url.href ?? '', /secret/)
  assert.equal(asked?.url.searchParams.get('facets[respondent][]'), 'CISO')
  assert.equal(asked?.url.searchParams.get('start'), '2026-01-28T12')
  // By hand: (6000 · 490 + 1000 · 820 + 2000 · 12) / 9000.
  assert.deepEqual(at(NOON - 3 * HOUR), [420.444, 'CISO', 'life-cycle', 'provisional'])
  assert.deepEqual([at(NOON - 3 * HOUR - 1), at(NOON - 2 * HOUR)], [null, null])
  const direct = liveSource(eiaFeed({ ...config, basis: 'direct' }, server.url))
  await direct.refresh()
  // (6000 · 370 + 1000 · 760) / 9000.
  assert.deepEqual(direct.at(NOON - 3 * HOUR), [331.111, 'CISO', 'direct', 'provisional'])
  for (const [wrong, problem] of [
    [{ respondent: 'ERCO' }, /expected respondent CISO, received "ERCO"/],
    [{ 'value-units': 'kilowatthours' }, /expected megawatthours/],
    [{ period: '2026-01-31' }, /expected an hour as period/],
    [{ period: '2026-13-31T10' }, /expected an hour as period/],
    [{ period: '2025-01-31T10' }, /expected a time inside the requested window/],
    [{ value: 'many' }, /expected a number as value/],
    [{ fueltype: 7 }, /expected a fueltype/],
  ] as const) {
    server.says({ response: { data: full.map((one) => ({ ...one, ...wrong })) } })
    await refresh()
    assert.match(source.problem ?? '', problem)
  }
  // Half of it is said to be nothing: no figure rather than a guess.
  server.says({ response: { data: [row('2026-01-31T09', 'NG', '10'), row('2026-01-31T09', 'OTH', '10')] } })
  await refresh()
  assert.equal(at(NOON - 4 * HOUR), null)
})
