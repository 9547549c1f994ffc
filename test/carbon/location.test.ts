import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { GridFigure } from '../../src/carbon/intensity/grid-figures.ts'
import { announce } from '../../src/carbon/intensity/source-change.ts'
import { checkLocation, createLocation, type LocationConfig } from '../../src/carbon/location.ts'
import { HEADER } from '../../src/carbon/sources/intensity-file.ts'
import { staticIntensity } from '../../src/carbon/sources/static.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'
import { noCache } from './no-cache.ts'
import { recorder } from './recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-location-'))
after(() => rmSync(folder, { recursive: true }))

function locationOf(config: Partial<LocationConfig>, unixMs = () => 0) {
  const { logger, said } = recorder()
  const notes: string[] = []
  const location = createLocation(
    { zone: null, location: { source: 'static', figure: null }, ...config },
    { logger, unixMs, env: {}, cache: noCache },
  )
  /** As the books do. */
  const follow = (figure: GridFigure, atUnixMs: number) => {
    const change = location.grid.follow(figure, atUnixMs)
    if (change === null) return
    const { what, detail } = announce(change, logger)
    notes.push(`${what}: ${detail}`)
  }
  return { ...location, follow, said, notes, intensity: () => location.grid.at(unixMs()).intensity }
}

test('a zone is named in the source, with its year', () => {
  const { intensity, said } = locationOf({ zone: 'deu' })
  assert.deepEqual(intensity(), {
    zone: 'DE',
    basis: 'life-cycle',
    mgPerKwh: 342_060n,
    source: 'static:ember-2024',
    status: 'estimated',
    startsUnixMs: Date.UTC(2024, 0, 1),
    endsUnixMs: null,
    dataQuality: 4,
    relativeUncertainty: 0.17,
  })
  assert.deepEqual(said, [])
  assert.equal(staticIntensity('ISL').source, 'static:ember-2023')
  assert.equal(staticIntensity('NPL').source, 'static:ember-2022')
  assert.equal(staticIntensity('UA').source, 'static:ember')
  assert.equal(staticIntensity('EU').source, 'static:ember-2024')
})

test('without a zone the world average counts, and a warning says so once', () => {
  const { grid, follow, said } = locationOf({})
  for (let second = 0; second < 100; second++) {
    const figure = grid.at(second)
    follow(figure, second)
    assert.deepEqual(figure.intensity, staticIntensity(null))
  }
  assert.equal(staticIntensity(null).source, 'world-average')
  assert.equal(staticIntensity(null).zone, 'WORLD')
  assert.deepEqual(
    said.map(({ event }) => event),
    ['carbon_zone_unset'],
  )
})

test('a value needs no zone, and says where it is from', () => {
  const { intensity, said } = locationOf({
    location: { source: 'value', g_per_kwh: 27.5, basis: 'direct', reference: 'utility 2026' },
  })
  const { source, mgPerKwh, basis } = intensity()
  assert.deepEqual([source, mgPerKwh, basis], ['value:utility 2026', 27_500n, 'direct'])
  assert.deepEqual(said, [])
})

test('a file that ends is replaced by the yearly average, in the log and in the ledger', async () => {
  const path = join(folder, 'grid.csv')
  writeFileSync(path, `${HEADER}\nDE,1970-01-01T00:00:00Z,1970-01-01T01:00:00Z,10,life-cycle\n`)
  const { grid, refreshed, follow, said, notes } = locationOf({
    zone: 'DE',
    location: [{ source: 'file', path, zone: null, basis: 'life-cycle' }],
  })
  await Promise.all(refreshed.map((source) => source.refresh(new AbortController().signal)))
  {
    const minute = (from: number) => {
      const figure = grid.at(from * 60_000)
      follow(figure, from * 60_000)
      return figure.factor.mgPerKwh
    }
    assert.deepEqual([minute(58), minute(59), minute(60), minute(61)], [10_000n, 10_000n, 342_060n, 342_060n])
    assert.deepEqual(notes, [
      'intensity_source_changed: file -> static from 1970-01-01T01:00:00.000Z: it has no figure for this time',
    ])
    assert.deepEqual(
      said.map(({ event }) => event),
      ['intensity_file_read', 'intensity_source_changed'],
    )
    assert.match(said[1]?.message ?? '', /file is replaced .* by static:ember-2024, 342 g\/kWh life-cycle, estimated/)
  }
})

test('a check says all that is wrong, each by its key; what needs a file is read by a deep one alone', () => {
  const file = { source: 'file', path: join(folder, 'none.csv'), zone: null, basis: 'direct' } as const
  const maps = { source: 'electricitymaps', key_file: join(folder, 'none.key'), zone: null, basis: 'direct' } as const
  const prometheus = { source: 'prometheus', url: 'http://me:hidden@grid:99999', query: 'x', key_file: null } as const
  const rest = { basis: 'direct', hold: 0 } as const
  const location = [
    { source: 'static', figure: null },
    file,
    { ...maps, hold: 0 },
    { ...prometheus, ...rest },
    { source: 'uk', hold: 0 },
  ]
  const config = { zone: 'GER', location: location as LocationConfig['location'] }
  const shallow = [
    /^carbon\.zone: expected .*, received "GER" \(did you mean DE for Germany\?\)$/,
    /^carbon\.location\.3: expected a URL such as http:\/\/prometheus:9090, received http:\/\/\*\*\*@grid:99999$/,
    /^carbon\.location\.4: uk covers GB, but carbon\.zone is GER$/,
  ]
  const deep = [
    shallow[0],
    /^carbon\.location\.1: file: .*none\.csv: there is no such file$/,
    /^carbon\.location\.2: electricitymaps: .*none\.key: the key cannot be read \(ENOENT\)$/,
    ...shallow.slice(1),
  ]
  for (const [isDeep, expected] of [
    [false, shallow],
    [true, deep],
  ] as const) {
    const lines = checkLocation(config, isDeep).map(({ key, text }) => `${key}: ${text}`)
    assert.equal(lines.length, expected.length, lines.join('\n'))
    for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern ?? /^$/)
  }
  assert.throws(
    () => locationOf(config),
    (error) => error instanceof ConfigFault && error.faults.length === 3,
  )
  assert.deepEqual(checkLocation({ zone: 'DE', location: { source: 'static', figure: null } }, true), [])
})
