import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { type FileConfig, FileSource } from '../../../src/carbon/sources/file.ts'
import { HEADER, parseIntensities } from '../../../src/carbon/sources/intensity-file.ts'
import { TableError } from '../../../src/carbon/table-line.ts'
import { recorder } from '../recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-file-'))
after(() => rmSync(folder, { recursive: true }))

const NOON = Date.UTC(2026, 0, 31, 12)
const HOUR = 3_600_000
const line = (g: number | string, { zone = 'DE', basis = 'life-cycle', hour = 12 } = {}) =>
  `${zone},2026-01-31T${hour}:00:00Z,2026-01-31T${hour + 1}:00:00Z,${g},${basis}`

function sourceOf(name: string, text: string | null, config: Partial<FileConfig> = {}, zone: string | null = null) {
  const path = join(folder, name)
  if (text !== null) writeFileSync(path, text)
  const { logger, said } = recorder()
  const source = new FileSource({ source: 'file', path, zone: null, basis: 'life-cycle', ...config }, zone, logger)
  source.reload()
  const gramsAt = (unixMs: number) => {
    const { intensity } = source.cover(unixMs)
    return intensity === null ? null : Number(intensity.mgPerKwh) / 1e3
  }
  return { source, path, said, gramsAt }
}

test('each hour has its own intensity, from its start to before its end', () => {
  const { gramsAt, source } = sourceOf('hours.csv', `${HEADER}\r\n${line(120.5)}\r\n${line(80, { hour: 13 })}\r\n\r\n`)
  assert.deepEqual([NOON - 1, NOON, NOON + HOUR - 1, NOON + HOUR, NOON + 2 * HOUR].map(gramsAt), [
    null,
    120.5,
    120.5,
    80,
    null,
  ])
  assert.equal(source.problem, null)
  const { intensity } = source.cover(NOON)
  assert.deepEqual([intensity?.source, intensity?.status, intensity?.zone], ['file', 'final', 'DE'])
})

test('times have any zone, and jump with summer time only in their labels', () => {
  // 2026-10-25 in Germany: the hour from two to three comes twice.
  const rows = [
    'DE,2026-10-25T02:00:00+02:00,2026-10-25T02:00:00+01:00,100,direct',
    'DE,2026-10-25T02:00:00+01:00,2026-10-25T03:00:00+01:00,200,direct',
  ]
  const { gramsAt } = sourceOf('dst.csv', [HEADER, ...rows].join('\n'), { basis: 'direct' })
  assert.deepEqual(
    [0, 1, 2].map((hour) => gramsAt(Date.UTC(2026, 9, 25, hour))),
    [100, 200, null],
  )
})

test('a later line revises an earlier one', () => {
  const half = 'DE,2026-01-31T12:15:00Z,2026-01-31T12:45:00Z,50,life-cycle'
  const { gramsAt } = sourceOf('revised.csv', [HEADER, line(100), half].join('\n'))
  assert.deepEqual(
    [0, 15, 44, 45].map((minute) => gramsAt(NOON + minute * 60_000)),
    [100, 50, 50, 100],
  )
})

test('lines of other zones and of the other basis do not count', () => {
  const text = [HEADER, line(1, { zone: 'FR' }), line(2), line(3, { basis: 'direct' })].join('\n')
  assert.equal(sourceOf('zones.csv', text, {}, 'DE').gramsAt(NOON), 2)
  assert.equal(sourceOf('zones.csv', text, { zone: 'FR' }, 'DE').gramsAt(NOON), 1)
  assert.equal(sourceOf('zones.csv', text, { basis: 'direct' }, 'DE').gramsAt(NOON), 3)
  assert.match(sourceOf('zones.csv', text).source.problem ?? '', /set zone to one of FR, DE$/)
  assert.match(
    sourceOf('zones.csv', text, { zone: 'PL' }).source.problem ?? '',
    /no line is of zone PL and basis life-cycle \(did you mean zone DE or FR\?\)$/,
  )
})

test('a zone that the file does not have leads to those that it is most like', () => {
  const zones = ['DE', 'DE-LU', 'FR', 'US-CAL-CISO', 'US-NY-NYIS', 'US-TEX-ERCO']
  const text = [HEADER, ...zones.map((zone) => line(1, { zone }))].join('\n')
  const problemOf = (zone: string, basis: FileConfig['basis'] = 'life-cycle') =>
    sourceOf('hint.csv', text, { zone, basis }).source.problem ?? ''
  assert.match(problemOf('CISO'), /did you mean zone US-CAL-CISO or /)
  assert.match(problemOf('de-lux'), /did you mean zone DE-LU or DE or /)
  assert.match(problemOf('DE', 'direct'), /no line is of zone DE and basis direct$/)
})

test('a file that changes is read again; a bad one is refused once and the last good data stay', () => {
  const { source, path, gramsAt, said } = sourceOf('changing.csv', `${HEADER}\n${line(100)}\n`)
  source.reload()
  writeFileSync(`${path}.new`, `${HEADER}\n${line(90)}\n`)
  renameSync(`${path}.new`, path)
  source.reload()
  assert.equal(gramsAt(NOON), 90)
  writeFileSync(path, `${HEADER}\n${line(80)}\n${line('minus')}\n`)
  source.reload()
  source.reload()
  assert.equal(gramsAt(NOON), 90)
  assert.match(source.problem ?? '', /changing\.csv:3:46: expected g\/kWh from 0 to 2000, received "minus"$/)
  rmSync(path)
  source.reload()
  source.reload()
  assert.equal(gramsAt(NOON), 90)
  writeFileSync(path, `${HEADER}\n${line(70)}\n`)
  source.reload()
  assert.deepEqual([gramsAt(NOON), source.problem], [70, null])
  assert.deepEqual(
    said.map(({ event }) => event.replace('intensity_file_', '')),
    ['read', 'read', 'refused', 'refused', 'read'],
  )
})

test('what is no intensity file is refused in words', () => {
  execFileSync('mkfifo', [join(folder, 'fifo')])
  writeFileSync(join(folder, 'huge'), '')
  truncateSync(join(folder, 'huge'), 2 ** 30)
  for (const [name, expected] of [
    ['missing', /missing: there is no such file$/],
    ['fifo', / is no regular file$/],
    ['huge', /more than 16777216 bytes$/],
    ['.', / is no regular file$/],
  ] as const) {
    assert.match(sourceOf(name, null).source.problem ?? '', expected)
  }
})

test('a bad line is named by line and column', () => {
  const good = line(100)
  for (const [bad, place] of [
    ['DE', '3:4: expected 5 fields'],
    [`${good},x`, '3:61: expected 5 fields'],
    [good.replace('DE', ''), '3:1: expected a zone'],
    [good.replace('DE', '"DE"'), '3:1: expected a zone'],
    [good.replace('T12', ' 12'), '3:4: expected an RFC 3339 time'],
    [good.replace('01-31T12', '02-30T12'), '3:4: expected an RFC 3339 time'],
    [good.replace('13:00:00Z', '13:00:00'), '3:25: expected an RFC 3339 time'],
    [good.replace('T13', 'T12'), '3:25: expected an end after the start'],
    [good.replace('100', '2000.01'), '3:46: expected g/kWh from 0 to 2000'],
    [good.replace('100', '-1'), '3:46: expected g/kWh'],
    [good.replace('100', '1e3'), '3:46: expected g/kWh'],
    [good.replace('100', 'NaN'), '3:46: expected g/kWh'],
    [good.replace('100', ''), '3:46: expected g/kWh'],
    [good.replace('life-cycle', 'lifecycle'), '3:50: expected direct or life-cycle'],
  ] as const) {
    assert.throws(
      () => parseIntensities([HEADER, good, bad].join('\n'), 'grid.csv'),
      (error) => error instanceof TableError && error.message.startsWith(place),
      `${bad} is not refused at ${place}`,
    )
  }
  assert.throws(() => parseIntensities('zone;start', 'grid.csv'), /^TableError: 1:1: expected the header/)
})

test('no text is anything but read or refused', () => {
  const cells = fc.constantFrom('DE', '2026-01-31T12:00:00Z', '2026-01-31T13:00:00Z', '1', 'direct', ',', '\n', '"', '')
  const text = fc.array(fc.oneof(cells, fc.string()), { maxLength: 20 }).map((all) => `${HEADER}\n${all.join('')}`)
  fc.assert(
    fc.property(text, (csv) => {
      try {
        for (const { mgPerKwh } of parseIntensities(csv, 'grid.csv'))
          assert.ok(mgPerKwh >= 0n && mgPerKwh <= 2_000_000n)
      } catch (error) {
        assert.ok(error instanceof TableError, String(error))
      }
    }),
  )
})
