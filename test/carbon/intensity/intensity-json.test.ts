import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { FileSource } from '../../../src/carbon/sources/file.ts'
import { HEADER, parseIntensities } from '../../../src/carbon/sources/intensity-file.ts'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import fc, { runs } from '../../property.ts'
import { recorder } from '../recorder.ts'
import { NOON } from '../sources/grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-json-'))
after(() => rmSync(folder, { recursive: true }))

const row = {
  zone: 'DE',
  start: '2026-01-31T12:00:00Z',
  end: '2026-01-31T13:00:00Z',
  g_per_kwh: 100,
  basis: 'life-cycle',
}

test('a JSON file states what a CSV file of the same rows does', () => {
  const rows = [row, { ...row, zone: 'Île-de-France', g_per_kwh: 81.25 }, { ...row, basis: 'direct', g_per_kwh: 0 }]
  const csv = [HEADER, ...rows.map((one) => Object.values(one).join(','))].join('\n')
  for (const text of [JSON.stringify(rows), JSON.stringify(rows, null, 2), JSON.stringify(rows, null, '\t\r\n')]) {
    assert.deepEqual(parseIntensities(text, 'grid.json'), parseIntensities(csv, 'grid.csv'))
  }
  assert.deepEqual(parseIntensities(' [ ]\n', 'grid.json'), [])
  const turned = `[{"basis":"direct","g_per_kwh":1.5e2,"end":"${row.end}","start":"${row.start}","zone":"\\u0044E"}]`
  assert.deepEqual(parseIntensities(turned, 'grid.json')[0]?.mgPerKwh, 150_000n)
})

test('a bad place is named by line and column, whatever is wrong there', () => {
  const good = JSON.stringify([row, row], null, 1)
  for (const [wrong, place] of [
    ['', '1:1: expected [, received ""'],
    ['<html>', '1:1: expected [, received "<html>"'],
    ['{"zone": "DE"}', '1:1: expected ['],
    ['[1]', '1:2: expected {'],
    [good.slice(0, -1), '16:1: expected ]'],
    [`${good}\n,`, '17:1: expected nothing more'],
    [good.replace('},', '}'), '9:2: expected ]'],
    [good.replace('"zone": "DE",', '"zone": "DE"'), '4:3: expected }'],
    [good.replace('"zone"', 'zone'), '3:3: expected text in quotes'],
    [good.replace('"zone":', '"zone"'), '3:10: expected :'],
    [good.replace('"zone"', '"Zone"'), '3:3: expected one of the keys zone, start, end, g_per_kwh, basis'],
    [good.replace('"start"', '"zone"'), '4:3: expected the key zone once'],
    [good.replace(/ {2}"zone".*\n/, ''), '2:2: expected the key zone'],
    [good.replace('"DE"', '7'), '3:11: expected a zone'],
    [good.replace('"DE"', 'null'), '3:11: expected text in quotes or a number'],
    [good.replace('"DE"', '"D\tE"'), '3:11: expected text in quotes'],
    [good.replace('"DE"', '"D\\xE"'), '3:11: expected text in quotes'],
    [good.replace('T12', ' 12'), '4:12: expected an RFC 3339 time'],
    [good.replace('T13', 'T12'), '5:10: expected an end after the start'],
    [good.replace('100', '"100"'), '6:16: expected g/kWh from 0 to 2000, received "\\"100\\","'],
    [good.replace('100', '-1'), '6:16: expected g/kWh from 0 to 2000'],
    [good.replace('100', '2000.1'), '6:16: expected g/kWh from 0 to 2000'],
    [good.replace('100', '1e999'), '6:16: expected g/kWh from 0 to 2000'],
    [good.replace('100', '0100'), '6:16: expected text in quotes or a number'],
    [good.replace('100', '1.2.3'), '6:16: expected text in quotes or a number'],
    [good.replace('100', 'NaN'), '6:16: expected text in quotes or a number'],
    [good.replace('life-cycle', 'marginal'), '7:12: expected direct or life-cycle'],
  ] as const) {
    assert.throws(
      () => parseIntensities(wrong, 'grid.json'),
      (error) => {
        assert.ok(error instanceof TableError)
        assert.ok(error.message.startsWith(place), `${error.message} is not ${place}`)
        return true
      },
      wrong,
    )
  }
})

test('no text is anything but read or refused, and none is read that is no JSON', () => {
  const good = JSON.stringify([row, row], null, 1)
  const cut = fc
    .tuple(fc.nat(good.length), fc.nat(20), fc.constantFrom('', '"', ',', '}', ']', '1', ' ', '\\', '\u2028', 'é'))
    .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length))
  fc.assert(
    fc.property(fc.oneof(cut, fc.string(), fc.json()), (text) => {
      let periods: unknown[]
      try {
        periods = parseIntensities(text, 'grid.json')
      } catch (error) {
        assert.ok(error instanceof TableError, String(error))
        return
      }
      assert.equal((JSON.parse(text) as unknown[]).length, periods.length)
    }),
    { numRuns: runs(2_000) },
  )
})

test('a file is JSON by its extension or by its content; a refused one is named by its place', async () => {
  for (const name of ['grid.json', 'grid']) {
    const path = join(folder, name)
    const { logger, said } = recorder()
    writeFileSync(path, `\uFEFF\n${JSON.stringify([row])}`)
    const source = new FileSource({ source: 'file', path, zone: null, basis: 'life-cycle' }, 'DE', logger)
    await source.refresh(new AbortController().signal)
    assert.equal(source.cover(NOON).intensity?.mgPerKwh, 100_000n)
    assert.equal(source.revision, 1)
    writeFileSync(path, `[\n${JSON.stringify(row)},\n${JSON.stringify({ ...row, g_per_kwh: -3 })}\n]`)
    await source.refresh(new AbortController().signal)
    assert.equal(
      source.problem,
      `${path}:3:86: expected g/kWh from 0 to 2000, received "-3,\\"basis\\":\\"life-cycle\\"}"`,
    )
    assert.equal(source.cover(NOON).intensity?.mgPerKwh, 100_000n, 'the last good data are gone')
    assert.equal(source.revision, 1)
    assert.deepEqual(
      said.map(({ event }) => event),
      ['intensity_file_read', 'intensity_file_refused'],
    )
  }
})
