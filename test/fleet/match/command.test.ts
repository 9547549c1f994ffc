import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fleetMatch } from '../../../src/commands/fleet-match.ts'
import { scratchDirectory } from '../../ledger/setting.ts'
import { type MadeHost, type MadeSite, mainJoules, topologyOf, wattsOf } from '../a-fleet.ts'
import { ApiServer } from '../api-server.ts'
import { asked, NOW } from '../asked.ts'

const LOAD = `zone,start,end,kwh
DE,2026-10-01T00:00Z,2026-10-01T00:30Z,6
DE,2026-10-01T00:30Z,2026-10-01T01:00Z,4
DE,2026-10-01T01:00Z,2026-10-01T02:00Z,10
DE,2026-10-01T02:00Z,2026-10-01T03:00Z,10
`
const GRID = `zone,start,end,cfe
DE,2026-10-01T00:00Z,2026-10-01T02:00Z,0.4
DE,2026-10-01T02:00Z,2026-10-01T03:00Z,0.2
`
const RESIDUAL = 'zone,start,end,g_per_kwh,basis\nDE,2026-01-01T00:00Z,2027-01-01T00:00Z,500,direct\n'
const CERTIFICATES = `issuance_id,certificate_bundle_id_range_start,certificate_bundle_id_range_end,bundle_quantity,face_value,production_starting_interval,production_ending_interval,issue_market_zone,certificate_bundle_status,is_storage,device_name
GC-1,0,14999,15000,1,2026-10-01T00:00:00,2026-10-01T01:00:00,DE,Cancelled,False,"Wind, north"
GC-2,0,4999,5000,1,2026-10-01T01:00:00,2026-10-01T01:15:00,DE,Claimed,True,Battery
GC-3,0,9,10,1,2026-10-01T01:00:00,2026-10-01T02:00:00,DE,Active,False,Sun
`

function filesOf(t: TestContext, texts: Readonly<Record<string, string>>) {
  const folder = scratchDirectory(t)
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text)
  return { folder, at: (name: string) => join(folder, name) }
}

test('both ways of counting stand side by side, labelled, in every format', async (t) => {
  const { folder, at } = filesOf(t, { load: LOAD, grid: GRID, residual: RESIDUAL, 'gc.csv': CERTIFICATES })
  const options = { certificates: [at('gc.csv')], load: at('load'), grid: at('grid'), residual: at('residual') }
  const { code, out, err } = await asked(fleetMatch, folder, options)
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /^ +2015 +draft 2025$/m)
  assert.match(out, /^matched +66\.7 % annual +50\.0 % hourly$/m)
  assert.match(out, /^24\/7 CFE score +– +63\.3 %$/m)
  assert.match(out, /^of it from storage, kWh +5\.0000 +5\.0000$/m)
  assert.match(out, /^Scope 2 by market, kg CO2e +5\.0000 +7\.5000$/m)
  assert.match(out, /its status is Active/)
  assert.match(out, /that it is deliverable +1 +5\.0000\n/)

  const csv = await asked(fleetMatch, folder, { ...options, format: 'csv', by: 'hour' })
  assert.equal(
    csv.out.split('\r\n')[2],
    '2026-10-01T01:00Z,DE,36000000000000,18000000000000,18000000000000,25200000000000,2500.000000',
  )
  const { methods, used, surplusUj } = JSON.parse((await asked(fleetMatch, folder, { ...options, format: 'json' })).out)
  assert.deepEqual(
    methods.map(({ method, match, cfeScore }: Record<string, unknown>) => [method, match, cfeScore]),
    [
      ['2015', 20 / 30, null],
      ['draft 2025', 15 / 30, 19 / 30],
    ],
  )
  assert.deepEqual(used[1], {
    certificate: 'GC-2/0-4999',
    zone: 'DE',
    hour: '2026-10-01T01:00:00.000Z',
    wh: 5000,
    storage: true,
    storageEfficiency: null,
  })
  assert.equal(surplusUj, '18000000000000')
  for (const [format, mark] of [
    ['md', '## Side by side'],
    ['html', '<h2>Side by side</h2>'],
  ] as const) {
    assert.ok((await asked(fleetMatch, folder, { ...options, format })).out.includes(mark))
  }
})

test('the same certificates as JSON, in the list of a register, say the same', async (t) => {
  const [head = '', ...lines] = CERTIFICATES.trim().split('\n')
  const rows = lines.map((line) => line.replace('"Wind, north"', 'Wind').split(','))
  const certificates = rows.map((row) => Object.fromEntries(head.split(',').map((name, n) => [name, row[n]])))
  const json = JSON.stringify({ granular_certificate_bundles: certificates, total: 3 })
  const { folder, at } = filesOf(t, { load: LOAD, 'gc.csv': CERTIFICATES, 'gc.json': json })
  const told = async (file: string) => {
    const options = { certificates: [at(file)], load: at('load'), by: 'hour', format: 'csv' }
    return (await asked(fleetMatch, folder, options)).out
  }
  assert.equal(await told('gc.json'), await told('gc.csv'))
})

test('a score without the mix of the grid is not known, and not what is left of it', async (t) => {
  const { folder, at } = filesOf(t, { load: LOAD, grid: GRID.split('\n', 2).join('\n'), 'gc.csv': CERTIFICATES })
  const { out } = await asked(fleetMatch, folder, { certificates: [at('gc.csv')], load: at('load'), grid: at('grid') })
  assert.match(out, /^24\/7 CFE score +– +not known$/m)
  assert.match(out, /^Grid mix not known +1 hours/m)
  assert.match(out, /^Residual mix not known +3 hours/m)
})

test('what was used once is used up for all others, in another month and in another site, and not for the same again', async (t) => {
  const november = LOAD.replaceAll('2026-10-01', '2026-11-01')
  const year = LOAD + november.slice(november.indexOf('\n') + 1)
  const { folder, at } = filesOf(t, { october: LOAD, november, year, 'gc.csv': CERTIFICATES })
  const matched = async (load: string, more: Readonly<Record<string, unknown>> = { claimant: 'fra1' }) => {
    const options = { certificates: [at('gc.csv')], load: at(load), format: 'json', ...more }
    const { code, out, err } = await asked(fleetMatch, folder, options)
    assert.deepEqual([code, err], [0, ''])
    const { methods, used, unused } = JSON.parse(out)
    const [volume, hourly] = methods.map(({ matchedUj }: { matchedUj: string }) => Number(matchedUj) / 3.6e12)
    return { volume, hourly, used, unused }
  }
  const trial = await matched('november', { claimant: 'fra1', trial: true })
  assert.deepEqual([trial.volume, trial.hourly], [20, 0])
  const october = await matched('october')
  assert.deepEqual([october.volume, october.hourly], [20, 15])
  assert.deepEqual(await matched('october'), october)
  // By volume all of them were used in October.
  const next = await matched('november')
  assert.deepEqual([next.volume, next.hourly, next.used], [0, 0, []])
  assert.deepEqual(
    next.unused.filter(({ reason }: { reason: string }) => reason.startsWith('it was used')),
    [{ reason: 'it was used for fra1, 2026-10-01T00:00Z to 2026-10-01T03:00Z, and counts once', count: 2, wh: 20_000 }],
  )
  assert.deepEqual([(await matched('year')).volume, (await matched('october')).volume], [20, 20])
  assert.equal((await matched('november')).volume, 0)
  // Without a name it is the consumption of that file.
  assert.equal((await matched('october', {})).volume, 0)
})

test('of a certificate that was used in part, the rest is left for another site', async (t) => {
  const load = 'zone,start,end,kwh\nDE,2026-10-01T00:00Z,2026-10-01T01:00Z,4.0005\n'
  const { folder, at } = filesOf(t, { load, 'gc.csv': CERTIFICATES.split('\n', 2).join('\n') })
  const matched = async (claimant: string) => {
    const options = { certificates: [at('gc.csv')], load: at('load'), format: 'json', claimant }
    const { used } = JSON.parse((await asked(fleetMatch, folder, options)).out)
    return used.map(({ certificate, wh }: { certificate: string; wh: number }) => [certificate, wh])
  }
  assert.deepEqual(await matched('a'), [['GC-1/0-14999', 4000]])
  assert.deepEqual(await matched('b'), [['GC-1/4000-14999', 4000]])
  assert.deepEqual(await matched('c'), [['GC-1/8000-14999', 4000]])
  assert.deepEqual(await matched('d'), [['GC-1/12000-14999', 3000]])
  assert.deepEqual(await matched('e'), [])
  assert.deepEqual(await matched('b'), [['GC-1/4000-7999', 4000]])
  writeFileSync(join(folder, 'fleet', 'certificates.db'), 'no database')
  const broken = await asked(fleetMatch, folder, { certificates: [at('gc.csv')], load: at('load') })
  assert.deepEqual([broken.code, broken.out], [1, ''])
  assert.match(broken.err, /cannot use .*certificates\.db: .*\. It is the only record/)
})

test('a bad file names the place, and nothing is written', async (t) => {
  const bad = (from: string, to: string) => CERTIFICATES.replace(from, to)
  for (const [name, text, message] of [
    ['gc.csv', bad('14999,15000', '14999,15001'), /gc\.csv:2:14: expected bundle_quantity to be 15000/],
    ['gc.csv', bad('14999', '-1'), /gc\.csv:2:8: expected certificate_bundle_id_range_end to be a whole number/],
    ['gc.csv', bad('2026-10-01T01:00:00,DE', '2026-10-01T01:30:00,DE'), /to be an end within an hour after the start/],
    ['gc.csv', bad('issue_market_zone', 'zone'), /expected the column issue_market_zone/],
    ['gc.csv', '[{"issuance_id":7}]', /gc\.csv: certificate 1: expected certificate_bundle_id_range_start to be/],
    ['gc.csv', '{"issuance_id":', /gc\.csv: expected JSON/],
    ['gc.csv', '{"a":1}', /gc\.csv: expected a list of certificates/],
    ['load', LOAD.replace('02:00Z,10', '02:30Z,10'), /load:4:\d+: expected an end in the UTC hour of the start/],
    [
      'load',
      `${LOAD}${LOAD.split('\n')[1]}\n`,
      /load: expected each time once, received 2026-10-01T00:00:00.000Z of DE/,
    ],
    ['load', 'zone,start,end,kwh\n', /load: there is no consumption in it/],
  ] as const) {
    const { folder, at } = filesOf(t, { load: LOAD, 'gc.csv': CERTIFICATES, [name]: text })
    const { code, out, err } = await asked(fleetMatch, folder, { certificates: [at('gc.csv')], load: at('load') })
    assert.deepEqual([code, out], [1, ''], err)
    assert.match(err, message)
  }
  const { folder, at } = filesOf(t, { load: LOAD })
  const missing = await asked(fleetMatch, folder, { certificates: [at('none')], load: at('load') })
  assert.match(missing.err, /none: there is no such file\n$/)
  const route = await asked(fleetMatch, folder, { certificates: ['x'], load: 'y', deliverable: ['DE'] })
  assert.deepEqual(
    [route.code, route.err],
    [2, 'error: --deliverable: expected FROM:TO, such as DE:AT, received "DE"\n'],
  )
})

/** What is told of the consumption of a place, from the first of October on. */
async function matchedAt({ folder, ...options }: { readonly folder: string } & Readonly<Record<string, string>>) {
  const all = { certificates: [join(folder, 'gc.csv')], zone: 'DE', from: '2026-10-01', format: 'json', ...options }
  const more = { signals: () => ({ stop: new AbortController().signal }), sleep: async () => {}, unixMs: () => NOW }
  const { code, out, err } = await asked(fleetMatch, folder, all, more)
  assert.deepEqual([code, err], [0, ''])
  const { methods, about } = JSON.parse(out)
  return {
    joules: Number(methods[1].loadUj) / 1e6,
    matched: Number(methods[1].matchedUj),
    missing: about.missingHours,
  }
}

test('the consumption of a place comes from its main meter, or else from its machines, and what is not known is told', async (t) => {
  const START = Date.UTC(2026, 9, 1)
  const hosts = [
    { node: 'n1', rack: 'r1' },
    { node: 'n2', rack: 'r1' },
  ]
  const site: MadeSite = { startUnixMs: START, hours: 6, racks: ['r1'], hosts }
  await using server = await ApiServer.start(site)
  const { folder, at } = filesOf(t, {
    'gc.csv': CERTIFICATES,
    main: topologyOf(site),
    bare: topologyOf(site).split('meters:')[0] ?? '',
  })
  const told = (topology: string, to = '2026-10-01T04:00:00Z') =>
    matchedAt({ folder, place: 'fra1', to, topology: at(topology), prometheus: server.url })
  const main = await told('main')
  assert.ok(Math.abs(main.joules / (mainJoules(site, START + 4 * 3_600_000) - mainJoules(site, START)) - 1) < 1e-6)
  assert.ok(main.matched > 0 && main.matched <= main.joules * 1e6)
  const bare = await told('bare')
  const watts = hosts.reduce(
    (sum, host) => sum + [0, 1, 2, 3].reduce((own, hour) => own + wattsOf(site, host, hour), 0),
    0,
  )
  assert.ok(Math.abs(bare.joules / (watts * 3600) - 1) < 1e-6)
  assert.deepEqual([main.missing, bare.missing], [0, 0])
  // Nothing was scraped after six hours.
  assert.equal((await told('main', '2026-10-01T08:00:00Z')).missing, 2)
  const both = await asked(fleetMatch, folder, { certificates: ['x'], load: 'y', place: 'fra1' })
  assert.equal(both.err, 'error: --load: expected without --place, or --place instead\n')
})

/** Of six hours of two hosts in one of two racks without meters: what is told of each rack, and a host's true joules by the hour. */
async function matchedByRack(t: TestContext, changes: Partial<MadeHost>) {
  const START = Date.UTC(2026, 9, 1)
  const hosts = [
    { node: 'n1', rack: 'r1' },
    { node: 'n2', rack: 'r1', ...changes },
    { node: 'n3', rack: 'r2' },
  ]
  const site: MadeSite = { startUnixMs: START, hours: 6, racks: ['r1', 'r2'], hosts }
  await using server = await ApiServer.start(site)
  const { folder, at } = filesOf(t, { 'gc.csv': CERTIFICATES, bare: topologyOf(site).split('meters:')[0] ?? '' })
  const joules = (n: number, hours: readonly number[]) =>
    hours.reduce((sum, hour) => sum + 3600 * wattsOf(site, hosts[n] as MadeHost, hour), 0)
  const asks = { folder, to: '2026-10-01T04:00:00Z', topology: at('bare'), prometheus: server.url }
  return { joules, r1: await matchedAt({ ...asks, place: 'r1' }), r2: await matchedAt({ ...asks, place: 'r2' }) }
}

test('a host that was moved is waited for where it stood at the hour', async (t) => {
  // Its hours are known two by two, before that and after.
  const isHeard = (hour: number) => Math.floor(hour) % 2 === 0
  const { joules, r1, r2 } = await matchedByRack(t, { moved: { label: 'r2', fromHour: 2 }, isHeard })
  assert.deepEqual([r1.missing, r2.missing], [2, 2])
  near(r1.joules, joules(0, [2, 3]))
  near(r2.joules, joules(2, [0, 1]))
})

test('a host that begins to tell which machine it is, and ends to, is one host all the time', async (t) => {
  for (const tellsMachine of [(hour: number) => hour >= 1.5, (hour: number) => hour < 1.5]) {
    const { joules, r1 } = await matchedByRack(t, { tellsMachine })
    assert.equal(r1.missing, 0)
    near(r1.joules, joules(0, [0, 1, 2, 3]) + joules(1, [0, 1, 2, 3]))
  }
})

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value / expected - 1) < 1e-6, `${value} and not ${expected}`)
}
