import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { IntensityCache } from '../../../src/carbon/feeds/feed-history.ts'
import { httpGet } from '../../../src/io/http.ts'
import { afterwards, scratchDirectory, startLedger } from '../../ledger/setting.ts'
import fc, { runs } from '../../property.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'
import { GridServer, HOUR, NOON } from './grid-server.ts'
import { INTERFACES, KEY, type PublicInterface, TOKEN, type World } from './interfaces.ts'

/*
 * One suite for every live source: the interface as documented, and everything that can come in its place.
 */

/** Another figure each hour of two days, which a mix of gas and nuclear can have. */
const gPerKwh = (unixMs: number): number => 100 + 7 * (Math.floor(unixMs / HOUR) % 48)

interface Reply {
  readonly body?: string
  readonly status?: number
  readonly phrase?: string
  /** In place of an HTTP answer. */
  readonly raw?: string
}

interface Options {
  readonly nowUnixMs?: number
  readonly timeoutMs?: number
  readonly env?: NodeJS.ProcessEnv
  readonly cache?: IntensityCache
  readonly server?: GridServer
}

async function opened(t: TestContext, { open, answer, knownMs }: PublicInterface, options: Options = {}) {
  const server = options.server ?? (await GridServer.start())
  afterwards(t, () => server[Symbol.asyncDispose]())
  const clock = { nowUnixMs: options.nowUnixMs ?? NOON + 10 * 60_000 }
  const unixMs = () => clock.nowUnixMs
  const { logger, said } = recorder()
  const get = httpGet({ timeoutMs: options.timeoutMs ?? 60_000, env: options.env ?? {}, unixMs })
  const cache = options.cache ?? noCache
  const source = open(server.url, { cache, get, unixMs, random: () => 0.5, logger })
  const bodyFor = (url: string, wrong: Partial<World> = {}) =>
    answer(new URL(url, server.url), { nowUnixMs: clock.nowUnixMs, gPerKwh, ...wrong })
  return {
    server,
    clock,
    said,
    source,
    bodyFor,
    plays: (wrong: Partial<World> = {}) => {
      server.answer = ({ url = '' }, response) => void response.end(bodyFor(url, wrong))
    },
    refresh: () => source.refresh(new AbortController().signal),
    /** The figure of the time at which there is one. */
    known: () => source.at(clock.nowUnixMs - knownMs),
    expected: () => gPerKwh(clock.nowUnixMs - knownMs),
  }
}

function near(actual: number | null, expected: number, message?: string): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= 0.001, `${message ?? ''} ${actual}, not ${expected}`)
}

for (const one of INTERFACES) {
  test(`${one.name}: what the interface answers is taken, at any second of any day`, async (t) => {
    const { clock, refresh, known, expected, plays, said } = await opened(t, one)
    const start = Date.UTC(2026, 0, 1)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 * 86_400 }), async (second) => {
        // Forwards, as clocks go; each look is of a new time.
        clock.nowUnixMs = start + second * 1e3
        plays()
        await refresh()
        assert.deepEqual(said, [])
        near(known(), expected())
      }),
      { numRuns: runs(30) },
    )
  })

  test(`${one.name}: days on which clocks change have each of their hours once`, async (t) => {
    for (const [year, month, day] of [
      [2026, 2, 29],
      [2026, 9, 25],
      [2026, 2, 8],
      [2026, 10, 1],
    ] as const) {
      const { clock, refresh, known, expected, plays, said } = await opened(t, one)
      const midnight = Date.UTC(year, month, day)
      for (let hour = 0; hour < 28; hour++) {
        clock.nowUnixMs = midnight + hour * HOUR + 10 * 60_000
        plays()
        await refresh()
        near(known(), expected(), `${new Date(clock.nowUnixMs).toISOString()}:`)
      }
      assert.deepEqual(said, [])
    }
  })

  test(`${one.name}: a refusal is a reason, the last good figures stay, and the wait is one of a failure`, async (t) => {
    for (const status of [401, 403, 404, 500]) {
      const { server, refresh, known, expected, plays, said } = await opened(t, one)
      plays()
      await refresh()
      server.refuses(status)
      assert.equal(await refresh(), 3_750)
      assert.equal(await refresh(), 7_500)
      near(known(), expected())
      assert.deepEqual(
        said.map(({ event }) => event),
        ['intensity_fetch_failed'],
      )
      assert.match(said[0]?.message ?? '', new RegExp(`HTTP ${status}$`))
      plays()
      assert.ok((await refresh()) >= 30_000)
      assert.equal(said[1]?.event, 'intensity_fetched')
    }
  })

  test(`${one.name}: Retry-After is obeyed, in seconds and as a date`, async (t) => {
    const { server, clock, refresh } = await opened(t, one)
    server.refuses(429, { 'retry-after': '1800' })
    assert.equal(await refresh(), 1_800_000 + 1_875)
    server.refuses(429, { 'retry-after': new Date(clock.nowUnixMs + 7_200_000).toUTCString() })
    assert.equal(await refresh(), 7_200_000 + 3_750)
  })

  test(`${one.name}: a slow answer, a broken one and an endless one are given up`, async (t) => {
    const { server, refresh, known, expected, plays, bodyFor } = await opened(t, one)
    plays()
    await refresh()
    // A source of its own for each, since a failure is said once.
    const reasonFor = async (answer: GridServer['answer'], reason: RegExp, timeoutMs = 250) => {
      const { server, refresh, said } = await opened(t, one, { timeoutMs })
      server.answer = answer
      assert.equal(await refresh(), 3_750)
      assert.match(said[0]?.message ?? '', reason)
    }
    await reasonFor(() => {}, /no answer within 0\.25 s$/)
    await reasonFor(
      ({ url = '' }, response) => {
        const body = bodyFor(url)
        response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, -10))
        setImmediate(() => response.socket?.destroy())
      },
      /aborted|socket hang up|ECONNRESET/,
      60_000,
    )
    const huge = Buffer.alloc(9 << 20, 32)
    await reasonFor((_, response) => void response.end(huge), /more than 8388608 bytes$/, 60_000)
    server.answer = ({ socket }) => socket.destroy()
    await refresh()
    near(known(), expected())
  })

  test(`${one.name}: rubbish is refused as a whole`, async (t) => {
    for (const body of [
      '<!doctype html><title>Down for maintenance</title>',
      '',
      'null',
      '[[1, 2], [3, 4]]',
      '{"hello": [1, 2, 3], "data": {"a": 1}, "meta": 7}',
      '<GL_MarketDocument><TimeSeries><psrType>B04</psrType></TimeSeries></GL_MarketDocument>',
      '{"data": [{"from": 1}], "history": [2], "results": [3], "response": {"data": [4]}}',
    ]) {
      const { server, refresh, known, expected, plays, said } = await opened(t, one)
      plays()
      await refresh()
      server.says(body)
      assert.equal(await refresh(), 3_750, `${body} was taken`)
      assert.match(said[0]?.message ?? '', /expected .*, received /)
      near(known(), expected())
    }
  })

  const wrongs: readonly (readonly [string, Partial<World>, RegExp])[] = [
    ['zone', { zone: 'XX' }, /expected (zone|respondent|area|region) \S+, received ("XX"|something else)/],
    ['unit', { unit: 'furlongs' }, /expected .*, received ("furlongs"|something else)/],
    ['time', { shiftMs: 400 * 24 * HOUR }, /expected a time inside the requested window/],
    ['past', { shiftMs: -400 * 24 * HOUR }, /expected a time inside the requested window/],
    ['negative', { gPerKwh: () => -1 }, /expected g\/kWh from 0 to 2000/],
    ['absurd', { gPerKwh: () => 2_001 }, /expected g\/kWh from 0 to 2000/],
    ['not a number', { gPerKwh: () => Number.NaN }, /expected /],
  ]
  for (const [what, wrong, reason] of wrongs) {
    if ((what === 'zone' || what === 'unit') && !one.states.includes(what)) continue
    if ((what === 'negative' || what === 'absurd') && one.isMix) continue
    test(`${one.name}: an answer that is wrong in its ${what} is refused as a whole`, async (t) => {
      const { refresh, known, expected, plays, said } = await opened(t, one)
      plays()
      await refresh()
      plays(wrong)
      assert.equal(await refresh(), 3_750)
      assert.match(said[0]?.message ?? '', reason)
      near(known(), expected())
    })
  }

  test(`${one.name}: an entry without a figure is left out, the rest counts`, async (t) => {
    const { clock, source, refresh, known, expected, plays, said } = await opened(t, one)
    const knownUnixMs = clock.nowUnixMs - one.knownMs
    const isMissing = (unixMs: number) => Math.floor(unixMs / HOUR) !== Math.floor(knownUnixMs / HOUR)
    plays({ gPerKwh: (unixMs) => (isMissing(unixMs) ? null : gPerKwh(unixMs)) })
    await refresh()
    assert.deepEqual(said, [])
    near(known(), expected())
    assert.equal(source.at(knownUnixMs - HOUR), null)
  })

  test(`${one.name}: nothing that a server echoes of what it was sent is in a message, and nothing but parsed JSON`, async (t) => {
    const echoes: readonly ((sent: string, bodyFor: (wrong: Partial<World>) => string) => Reply)[] = [
      (sent) => ({ body: sent }),
      (sent) => ({ body: `<html>unparsed ${sent}</html>` }),
      (sent) => ({ body: JSON.stringify({ error: sent, data: sent, history: sent, response: { data: sent } }) }),
      (sent) => ({ body: JSON.stringify([sent, { date_heure: sent }]) }),
      (sent) => ({
        body: `<Acknowledgement_MarketDocument><text>unparsed ${sent}</text></Acknowledgement_MarketDocument>`,
      }),
      (sent, bodyFor) => ({ body: bodyFor({ zone: sent }) }),
      (sent, bodyFor) => ({ body: bodyFor({ unit: sent }) }),
      (sent) => ({ body: sent, status: 401, phrase: `unparsed ${sent.replace(/[^ -~]/g, ' ')}` }),
      (sent) => ({ raw: `unparsed ${sent}\r\n\r\n` }),
    ]
    for (const echo of echoes) {
      const { server, source, refresh, said, bodyFor } = await opened(t, one)
      server.answer = ({ url = '', headers, socket }, response) => {
        const { authorization = '' } = headers
        const basic = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('latin1')
        // What is secret first, since messages are cut. Who logs in is given a token first, so that this is echoed too.
        const { 'auth-token': token = '', 'x-api-key': key = '', ...rest } = headers
        const sent = [token, key, basic, authorization, decodeURIComponent(url), url, ...Object.values(rest)].join(' ')
        const {
          body = '',
          status = 200,
          phrase = '',
          raw,
        } = url === '/login' && echo !== echoes[0] ? { body: bodyFor(url) } : echo(sent, (wrong) => bodyFor(url, wrong))
        if (raw !== undefined) socket.end(raw)
        else response.writeHead(status, phrase).end(body)
      }
      await refresh()
      const shown = [...said.map(({ message }) => message), source.problem].join('\n')
      for (const secret of [
        KEY,
        JSON.stringify(KEY).slice(1, -1),
        encodeURIComponent(KEY),
        btoa(`me:${KEY}`),
        'hush',
        TOKEN,
      ]) {
        assert.ok(!shown.includes(secret), `${secret} is in ${shown}`)
      }
      assert.doesNotMatch(shown, /unparsed/)
    }
  })

  if (one.isMix) {
    test(`${one.name}: plants that only take are no figure`, async (t) => {
      const { refresh, known, plays, said } = await opened(t, one)
      plays({ gPerKwh: () => -1 })
      await refresh()
      assert.equal(known(), null)
      assert.match(said[0]?.message ?? '', /expected figures for the requested time, received \[\]$/)
    })
  }

  test(`${one.name}: a proxy of the environment is used, for all that is asked`, async (t) => {
    const through: string[] = []
    const proxy = createServer(({ url = '' }, response) => {
      through.push(url)
      response.end(proxied.bodyFor(url))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    afterwards(t, () => new Promise((resolve) => proxy.close(resolve)))
    const { port } = proxy.address() as AddressInfo
    const proxied = await opened(t, one, { env: { HTTP_PROXY: `http://127.0.0.1:${port}` } })
    await proxied.refresh()
    near(proxied.known(), proxied.expected())
    assert.deepEqual([proxied.server.asked, proxied.said], [[], []])
    assert.ok(through.length > 0 && through.every((url) => url.startsWith(`${proxied.server.url}/`)), through.join())
    proxy.closeAllConnections()
  })

  test(`${one.name}: what was fetched is in the ledger, for the same question alone`, async (t) => {
    const ledger = await startLedger(t, join(scratchDirectory(t), 'ledger.db'))
    const before = await opened(t, one, { cache: ledger.intensityCache })
    before.plays()
    await before.refresh()
    const { server } = before
    const after = await opened(t, one, { cache: ledger.intensityCache, server })
    after.server.refuses(503)
    assert.equal(await after.refresh(), 3_750)
    near(after.known(), after.expected())
    for (const other of INTERFACES.filter(({ name }) => name !== one.name)) {
      const stranger = await opened(t, other, { cache: ledger.intensityCache, server })
      stranger.server.refuses(503)
      await stranger.refresh()
      assert.equal(stranger.known(), null, `${other.name} read what ${one.name} had fetched`)
    }
  })
}
