import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createPue } from '../../../src/carbon/pue/create-pue.ts'
import { FilePue, PUE_HEADER } from '../../../src/carbon/pue/file.ts'
import { PrometheusPue, type PrometheusPueConfig } from '../../../src/carbon/pue/prometheus.ts'
import type { PueSource } from '../../../src/carbon/pue/pue.ts'
import { httpGet } from '../../../src/io/http.ts'
import { SourceRefresher } from '../../../src/io/refresher.ts'
import { recorder } from '../recorder.ts'
import { GridServer, HOUR, NOON } from '../sources/grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-pue-'))
after(() => rmSync(folder, { recursive: true }))

const at = (pue: PueSource, unixMs: number) => {
  const { statement, untilUnixMs } = pue.cover(unixMs)
  return [Number(statement.puePpm) / 1e6, statement.source, untilUnixMs]
}

const line = (hour: number, pue: number | string) => `2026-01-31T${hour}:00:00Z,2026-01-31T${hour + 1}:00:00Z,${pue}`

const { signal } = new AbortController()

function fileOf(name: string, text: string | null, { hold = 0, nowUnixMs = NOON } = {}) {
  const path = join(folder, name)
  if (text !== null) writeFileSync(path, text)
  const { logger, said } = recorder()
  const pue = new FilePue({ source: 'file', path, default: 1.4, hold }, { logger, unixMs: () => nowUnixMs })
  return { pue, path, said }
}

test('a file states each hour, its last value while that is held, and the default elsewhere', async () => {
  const { pue } = fileOf('hours.csv', [PUE_HEADER, line(12, 1.25), line(13, '1.5'), ''].join('\r\n'), { hold: HOUR })
  assert.deepEqual(at(pue, NOON), [1.4, 'configuration', Infinity])
  assert.equal(await pue.refresh(signal), 10_000)
  assert.deepEqual(
    [NOON - 1, NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR].map((unixMs) => at(pue, unixMs)),
    [
      [1.4, 'configuration', NOON],
      [1.25, 'file', NOON + HOUR],
      [1.5, 'file', NOON + 2 * HOUR],
      [1.5, 'file, held', NOON + 3 * HOUR],
      [1.4, 'configuration', Infinity],
    ],
  )
  const sureness = (unixMs: number) => pue.cover(unixMs).statement.relativeUncertainty
  assert.ok(sureness(NOON) < sureness(NOON - 1) && sureness(NOON - 1) === sureness(NOON + 2 * HOUR))
})

test('a bad file is refused as a whole with its place, and the last good data stay', async () => {
  const { pue, path, said } = fileOf('bad.csv', [PUE_HEADER, line(12, 1.25)].join('\n'))
  await pue.refresh(signal)
  for (const [text, problem] of [
    [[PUE_HEADER, line(12, 2), line(13, '0.99')], /bad\.csv:3:43: expected a PUE of 1 to 10 \(.*\), received "0\.99"$/],
    [[PUE_HEADER, line(12, '1,2')], /bad\.csv:2:45: expected 3 fields, received "2"$/],
    [[PUE_HEADER, line(12, '')], /bad\.csv:2:43: expected a PUE of 1 to 10 .*, received ""$/],
    [[PUE_HEADER, `2026-01-31,${NOON},1.2`], /bad\.csv:2:1: expected an RFC 3339 time/],
    [['pue;start;end'], /bad\.csv:1:1: expected the header start,end,pue, received "pue;start;end"$/],
  ] as const) {
    writeFileSync(path, text.join('\n'))
    await pue.refresh(signal)
    assert.match(pue.problem ?? '', problem)
    assert.deepEqual(at(pue, NOON), [1.25, 'file', NOON + HOUR])
  }
  rmSync(path)
  assert.match(pue.check().join(), /bad\.csv: there is no such file$/)
  writeFileSync(path, [PUE_HEADER, line(12, 1.3)].join('\n'))
  await pue.refresh(signal)
  assert.deepEqual([at(pue, NOON)[0], pue.problem, said.at(-1)?.event], [1.3, null, 'pue_file_read'])
})

test('a file that has ended, or states nothing, says why the default counts', async () => {
  const ended = fileOf('ended.csv', [PUE_HEADER, line(12, 1.2)].join('\n'), { nowUnixMs: NOON + 2 * HOUR })
  assert.deepEqual(ended.pue.check(), [])
  await ended.pue.refresh(signal)
  assert.equal(ended.pue.problem, 'its last figure ends 2026-01-31T13:00:00.000Z')
  const empty = fileOf('empty.csv', PUE_HEADER)
  assert.deepEqual(empty.pue.check(), [])
  await empty.pue.refresh(signal)
  assert.equal(empty.pue.problem, 'it has no figure yet')
})

function seriesOf(url: string, config: Partial<PrometheusPueConfig> = {}) {
  const { logger, said } = recorder()
  const clock = { nowUnixMs: NOON }
  const unixMs = () => clock.nowUnixMs
  const get = httpGet({ timeoutMs: 60_000, env: {}, unixMs })
  const whole = { source: 'prometheus', url, query: 'site_pue', key_file: null, default: 1.4, hold: 300_000 } as const
  const pue = new PrometheusPue({ ...whole, ...config }, { get, unixMs, random: () => 0.5, logger })
  return { pue, clock, said, refresh: () => pue.refresh(new AbortController().signal) }
}

const answer = (...values: readonly [number, string][]) => ({
  status: 'success',
  data: { resultType: 'matrix', result: [{ metric: {}, values }] },
})
const S = NOON / 1e3

test('a series on a Prometheus server: by the minute, bridged while a scrape is late', async () => {
  await using server = await GridServer.start()
  const { pue, refresh, clock } = seriesOf(server.url)
  assert.deepEqual([at(pue, NOON), pue.problem], [[1.4, 'configuration', Infinity], 'it has no figure yet'])
  server.says(answer([S - 60, '1.3'], [S, '1.31']))
  assert.equal(await refresh(), 30_000)
  // All that may still be priced; from then on what may have been missed.
  await refresh()
  assert.deepEqual(
    server.asked.map(({ url }) => url.searchParams.get('start')),
    [String(S - 86_400), String(S - 3_600)],
  )
  assert.deepEqual(
    [NOON - 60_001, NOON - 1, NOON, NOON + 60_000, NOON + 360_000].map((unixMs) => at(pue, unixMs)),
    [
      [1.4, 'configuration', NOON - 60_000],
      [1.3, 'prometheus', NOON],
      [1.31, 'prometheus', NOON + 60_000],
      [1.31, 'prometheus, held', NOON + 360_000],
      [1.4, 'configuration', Infinity],
    ],
  )
  clock.nowUnixMs = NOON + 360_000
  assert.equal(pue.problem, 'its last figure ends 2026-01-31T12:01:00.000Z')
})

test('what changes by the minute is told to the hundredth: each PUE of an hour is a row that is kept for ever', async () => {
  await using server = await GridServer.start()
  const { pue, refresh } = seriesOf(server.url)
  server.says(answer([S - 180, '1.3149'], [S - 120, '1.315'], [S - 60, '1.3249'], [S, '1.0049']))
  await refresh()
  const told = [180_000, 120_000, 60_000, 0].map((agoMs) => at(pue, NOON - agoMs)[0])
  assert.deepEqual(told, [1.31, 1.32, 1.32, 1])
})

test('a sample that is no figure is left out, the others count', async () => {
  await using server = await GridServer.start()
  const { pue, refresh, said } = seriesOf(server.url)
  server.says(answer([S - 180, '1.31'], [S - 120, 'NaN'], [S - 60, '+Inf'], [S, '1.33']))
  await refresh()
  const told = [180_000, 120_000, 60_000, 0].map((agoMs) => at(pue, NOON - agoMs)[0])
  assert.deepEqual([told, said], [[1.31, 1.4, 1.4, 1.33], []])
})

test('an answer with one figure that is no PUE is refused as a whole, said once, and asked for again', async () => {
  await using server = await GridServer.start()
  const { pue, refresh, said } = seriesOf(server.url)
  server.says(answer([S, '1.31']))
  await refresh()
  for (const [body, problem] of [
    // Marconi100's IT meter drops to 0 at times: the ratio is then 167.
    [answer([S - 60, '1.2'], [S, '167']), /^expected a PUE of 1 to 10 \(the site's energy .*\), received "167"$/],
    [answer([S - 60, '1.2'], [S, '0.97']), /^expected a PUE of 1 to 10 .*, received "0\.97"$/],
    [answer([S, '']), /received ""$/],
    [answer([S - 7200, '1.2']), /a time inside the requested window/],
    [{ data: { result: [] } }, /a query with one series, received "0 series"/],
  ] as const) {
    server.says(body)
    await refresh()
    assert.match(pue.problem ?? '', problem)
    assert.deepEqual(at(pue, NOON - 60_000).slice(0, 2), [1.4, 'configuration'])
    assert.deepEqual(at(pue, NOON).slice(0, 2), [1.31, 'prometheus'])
  }
  server.refuses(429, { 'retry-after': '600' })
  assert.ok((await refresh()) >= 600_000)
  server.says(answer([S, '1.32']))
  await refresh()
  assert.deepEqual([at(pue, NOON)[0], pue.problem], [1.32, null])
  assert.deepEqual(
    said.map(({ event }) => event),
    ['pue_fetch_failed', 'pue_fetched'],
  )
})

test('the key goes with the question, stays out of the log, and has to be there', async () => {
  await using server = await GridServer.start()
  const key = join(folder, 'key')
  const { pue, refresh, said } = seriesOf(server.url, { key_file: key })
  assert.match(pue.check().join(), /key: the key cannot be read \(ENOENT\)$/)
  writeFileSync(key, 'secret-key\n', { mode: 0o640 })
  chmodSync(key, 0o644)
  assert.deepEqual(pue.check(), [])
  server.says(answer([S, '1.31']))
  await refresh()
  assert.equal(server.asked[0]?.headers.authorization, 'Bearer secret-key')
  assert.deepEqual(
    said.map(({ event }) => event),
    ['key_file_open'],
  )
  assert.doesNotMatch(JSON.stringify(said), /secret-key/)
})

test('what a server echoes is in no message', async () => {
  await using server = await GridServer.start()
  const key = join(folder, 'echoed')
  writeFileSync(key, 'sesame-open\n', { mode: 0o600 })
  for (const body of ['Bearer sesame-open unparsed', JSON.stringify({ data: { result: 'Bearer sesame-open' } })]) {
    const { pue, refresh, said } = seriesOf(server.url, { key_file: key })
    server.says(body)
    await refresh()
    assert.match(pue.problem ?? '', /expected (JSON|a list)/)
    assert.doesNotMatch(JSON.stringify([pue.problem, said]), /sesame|unparsed/)
  }
})

test('the refresher of intensities keeps a PUE fresh too', async () => {
  await using server = await GridServer.start()
  server.says(answer([S, '1.31']))
  const config = { source: 'prometheus', url: server.url, query: 'q', key_file: null, default: 1.4, hold: 0 } as const
  const { pue, refreshed } = createPue(config, { logger: recorder().logger, unixMs: () => NOON, env: {} })
  const refresher = new SourceRefresher(refreshed)
  await refresher.start(new AbortController().signal)
  try {
    assert.deepEqual(at(pue, NOON).slice(0, 2), [1.31, 'prometheus'])
  } finally {
    await refresher.stop()
  }
})
