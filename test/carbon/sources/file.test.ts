import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type FileConfig, FileSource } from '../../../src/carbon/sources/file.ts'
import { HEADER, parseIntensities } from '../../../src/carbon/sources/intensity-file.ts'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import { WatchedFile } from '../../../src/carbon/table/watched-file.ts'
import fc from '../../property.ts'
import { recorder } from '../recorder.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-file-'))
after(() => rmSync(folder, { recursive: true }))

const NOON = Date.UTC(2026, 0, 31, 12)
const HOUR = 3_600_000
const line = (g: number | string, { zone = 'DE', basis = 'life-cycle', hour = 12 } = {}) =>
  `${zone},2026-01-31T${hour}:00:00Z,2026-01-31T${hour + 1}:00:00Z,${g},${basis}`

const { signal } = new AbortController()

async function sourceOf(
  name: string,
  text: string | null,
  config: Partial<FileConfig> = {},
  zone: string | null = null,
) {
  const path = join(folder, name)
  if (text !== null) writeFileSync(path, text)
  const { logger, said } = recorder()
  const source = new FileSource({ source: 'file', path, zone: null, basis: 'life-cycle', ...config }, zone, logger)
  await source.refresh(signal)
  const gramsAt = (unixMs: number) => {
    const { intensity } = source.cover(unixMs)
    return intensity === null ? null : Number(intensity.mgPerKwh) / 1e3
  }
  return { source, path, said, gramsAt }
}

test('each hour has its own intensity, from its start to before its end', async () => {
  const { gramsAt, source } = await sourceOf(
    'hours.csv',
    `${HEADER}\r\n${line(120.5)}\r\n${line(80, { hour: 13 })}\r\n\r\n`,
  )
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

test('quotes, a number for each row and columns in another order change nothing', async () => {
  const rows = [HEADER, line(120.5), line(80, { hour: 13 })].map((text) => text.split(','))
  const quoted = rows.map((cells) => cells.map((cell) => `"${cell}"`))
  for (const [name, cells] of [
    ['quoted', quoted],
    ['numbered', quoted.map((some, index) => [index === 0 ? '""' : `"${index}"`, ...some])],
    ['indexed', rows.map((some, index) => [index === 0 ? '' : `${index - 1}`, ...some])],
    ['turned', rows.map((some) => some.toReversed())],
    ['loud', rows.map((some, index) => (index === 0 ? some.map((cell) => cell.toUpperCase()) : some))],
  ] as const) {
    const text = `\uFEFF${cells.map((some) => some.join(',')).join('\r\n')}\r\n\r\n`
    const { gramsAt, source } = await sourceOf(`${name}.csv`, text)
    assert.equal(source.problem, null)
    assert.deepEqual([NOON, NOON + HOUR].map(gramsAt), [120.5, 80], name)
  }
})

test('a large file is read in slices: others get their turns, and the old figures hold until all of it is read', async () => {
  const { source, path, gramsAt } = await sourceOf('large.csv', [HEADER, line(1)].join('\n'))
  const ROWS = 10_000
  const iso = (minute: number) => new Date(NOON + minute * 60_000).toISOString()
  const rows = Array.from({ length: ROWS }, (_, n) => `DE,${iso(n)},${iso(n + 1)},${n % 2_000},life-cycle`)
  for (const [order, some] of [
    ['oldest first', rows],
    ['newest first', rows.toReversed()],
  ] as const) {
    writeFileSync(path, [HEADER, line(1), ''].join('\n'))
    await source.refresh(signal)
    writeFileSync(path, [HEADER, ...some].join('\n'))
    let [turns, isRead] = [0, false]
    const reading = source.refresh(signal).then(() => {
      isRead = true
    })
    const turn = () => {
      if (isRead) return
      turns += 1
      assert.equal(gramsAt(NOON), 1, order)
      setImmediate(turn)
    }
    setImmediate(turn)
    await reading
    // Once while rows are read and once while they are put in place.
    assert.ok(turns >= (2 * ROWS) / 512 - 2, `${turns} turns, ${order}`)
    assert.deepEqual([gramsAt(NOON), gramsAt(NOON + (ROWS - 1) * 60_000)], [0, (ROWS - 1) % 2_000])
  }
})

test('a stop in the middle of a file leaves what was there, and the file is read again after it', async () => {
  const { source, path, gramsAt, said } = await sourceOf('stopped.csv', [HEADER, line(1)].join('\n'))
  writeFileSync(path, [HEADER, ...Array.from({ length: 2_000 }, () => line(2))].join('\n'))
  const stop = new AbortController()
  const reading = source.refresh(stop.signal)
  stop.abort()
  await reading
  assert.deepEqual([gramsAt(NOON), source.problem, said.length], [1, null, 1])
  await source.refresh(signal)
  assert.equal(gramsAt(NOON), 2)
})

test('a file is parsed once for each change, whatever is wrong with it', async () => {
  const path = join(folder, 'once.csv')
  let parsed = 0
  const parse = function* (text: string) {
    parsed += 1
    yield
    if (text !== 'good') throw new Error(` ${text}`)
    return text
  }
  const { logger, said } = recorder()
  const file = new WatchedFile({ path, what: 'words', event: 'word', parse, logger })
  for (const text of ['bad', 'worse', 'good']) {
    writeFileSync(path, text)
    for (let look = 0; look < 3; look++) await file.refresh(signal)
  }
  assert.deepEqual([parsed, file.content, said.length], [3, 'good', 3])
})

test('a check names every bad line of a file, the log the first and how many more', async () => {
  const text = [HEADER, line('many'), line(1), line(-1), 'DE'].join('\n')
  const { source, path } = await sourceOf('bad.csv', text)
  assert.deepEqual(source.check(), [
    `${path}:2:46: expected g/kWh from 0 to 2000, received "many"`,
    `${path}:4:46: expected g/kWh from 0 to 2000, received "-1"`,
    `${path}:5:4: expected 5 fields, received ""`,
  ])
  assert.match(source.problem ?? '', /bad\.csv:2:46: .*, received "many" \(and 2 more\)$/)
  const many = await sourceOf('worse.csv', [HEADER, ...Array.from({ length: 100 }, () => 'DE')].join('\n'))
  assert.equal(many.source.check().length, 20)
})

test('times have any zone, and jump with summer time only in their labels', async () => {
  // 2026-10-25 in Germany: the hour from two to three comes twice.
  const rows = [
    'DE,2026-10-25T02:00:00+02:00,2026-10-25T02:00:00+01:00,100,direct',
    'DE,2026-10-25T02:00:00+01:00,2026-10-25T03:00:00+01:00,200,direct',
  ]
  const { gramsAt } = await sourceOf('dst.csv', [HEADER, ...rows].join('\n'), { basis: 'direct' })
  assert.deepEqual(
    [0, 1, 2].map((hour) => gramsAt(Date.UTC(2026, 9, 25, hour))),
    [100, 200, null],
  )
})

test('a later line revises an earlier one', async () => {
  const half = 'DE,2026-01-31T12:15:00Z,2026-01-31T12:45:00Z,50,life-cycle'
  const { gramsAt } = await sourceOf('revised.csv', [HEADER, line(100), half].join('\n'))
  assert.deepEqual(
    [0, 15, 44, 45].map((minute) => gramsAt(NOON + minute * 60_000)),
    [100, 50, 50, 100],
  )
})

test('lines of other zones and of the other basis do not count', async () => {
  const text = [HEADER, line(1, { zone: 'FR' }), line(2), line(3, { basis: 'direct' })].join('\n')
  assert.equal((await sourceOf('zones.csv', text, {}, 'DE')).gramsAt(NOON), 2)
  assert.equal((await sourceOf('zones.csv', text, { zone: 'FR' }, 'DE')).gramsAt(NOON), 1)
  assert.equal((await sourceOf('zones.csv', text, { basis: 'direct' }, 'DE')).gramsAt(NOON), 3)
  assert.match((await sourceOf('zones.csv', text)).source.problem ?? '', /set zone to one of FR, DE$/)
  assert.match(
    (await sourceOf('zones.csv', text, { zone: 'PL' })).source.problem ?? '',
    /no line has zone PL and basis life-cycle \(did you mean zone DE or FR\?\)$/,
  )
})

test('a zone that the file does not have leads to those that it is most like', async () => {
  const zones = ['DE', 'DE-LU', 'FR', 'US-CAL-CISO', 'US-NY-NYIS', 'US-TEX-ERCO']
  const text = [HEADER, ...zones.map((zone) => line(1, { zone }))].join('\n')
  const problemOf = async (zone: string, basis: FileConfig['basis'] = 'life-cycle') =>
    (await sourceOf('hint.csv', text, { zone, basis })).source.problem ?? ''
  assert.match(await problemOf('CISO'), /did you mean zone US-CAL-CISO or /)
  assert.match(await problemOf('de-lux'), /did you mean zone DE-LU or DE or /)
  assert.match(await problemOf('DE', 'direct'), /no line has zone DE and basis direct$/)
})

test('a file that changes is read again; a bad one is refused once and the last good data stay', async () => {
  const { source, path, gramsAt, said } = await sourceOf('changing.csv', `${HEADER}\n${line(100)}\n`)
  await source.refresh(signal)
  writeFileSync(`${path}.new`, `${HEADER}\n${line(90)}\n`)
  renameSync(`${path}.new`, path)
  await source.refresh(signal)
  assert.equal(gramsAt(NOON), 90)
  writeFileSync(path, `${HEADER}\n${line(80)}\n${line('minus')}\n`)
  await source.refresh(signal)
  await source.refresh(signal)
  assert.equal(gramsAt(NOON), 90)
  assert.match(source.problem ?? '', /changing\.csv:3:46: expected g\/kWh from 0 to 2000, received "minus"$/)
  rmSync(path)
  await source.refresh(signal)
  await source.refresh(signal)
  assert.equal(gramsAt(NOON), 90)
  writeFileSync(path, `${HEADER}\n${line(70)}\n`)
  await source.refresh(signal)
  assert.deepEqual([gramsAt(NOON), source.problem], [70, null])
  assert.deepEqual(
    said.map(({ event }) => event.replace('intensity_file_', '')),
    ['read', 'read', 'refused', 'refused', 'read'],
  )
})

test('what is no intensity file is refused in words', async () => {
  execFileSync('mkfifo', [join(folder, 'fifo')])
  writeFileSync(join(folder, 'huge'), '')
  truncateSync(join(folder, 'huge'), 2 ** 30)
  for (const [name, expected] of [
    ['missing', /missing: there is no such file$/],
    ['fifo', / is no regular file$/],
    ['huge', /more than 16777216 bytes$/],
    ['.', / is no regular file$/],
  ] as const) {
    assert.match((await sourceOf(name, null)).source.problem ?? '', expected)
  }
})

test('a bad line is named by line and column', async () => {
  const good = line(100)
  for (const [bad, place] of [
    ['DE', '3:4: expected 5 fields'],
    [`${good},x`, '3:61: expected 5 fields'],
    [good.replace('DE', ''), '3:1: expected a zone'],
    [good.replace('DE', '"DE'), '3:1: expected a closing quote'],
    [good.replace('DE', '"D"E'), '3:1: expected a field that is quoted as a whole'],
    [good.replace('DE', 'D"E'), '3:1: expected a field that is quoted as a whole'],
    [good.replace('DE', '"D""E"'), '3:1: expected a zone'],
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

test('no text is anything but read or refused', async () => {
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
