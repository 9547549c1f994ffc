import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkMarginal, createMarginal, type MarginalConfig } from '../../../src/carbon/marginal/marginal.ts'
import { httpGet } from '../../../src/io/http.ts'
import { noCache } from '../no-cache.ts'
import { recorder } from '../recorder.ts'
import { GridServer, HOUR, NOON } from '../sources/grid-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-watttime-'))
after(() => rmSync(folder, { recursive: true }))
const keyFile = join(folder, 'password')
writeFileSync(keyFile, 'hush-hush\n', { mode: 0o600 })

const config: MarginalConfig = { source: 'watttime', username: 'site-7', key_file: keyFile, region: 'CAISO_NORTH' }
const BASIC = `Basic ${Buffer.from('site-7:hush-hush').toString('base64')}`

function forecast(meta: object = {}, ...points: readonly object[]) {
  const data = points.length > 0 ? points : [point('12:10', 900), point('12:15', 1_000.5)]
  return { data, meta: { region: 'CAISO_NORTH', signal_type: 'co2_moer', units: 'lbs_co2_per_mwh', ...meta } }
}

const point = (time: string, value: unknown) => ({ point_time: `2026-01-31T${time}:00+00:00`, value })

/** WattTime: gives a new token at each login, and knows which ones are good. */
class WattTime {
  readonly server: GridServer
  readonly good = new Set<string>()
  logins = 0
  answer: object = forecast()

  constructor(server: GridServer) {
    this.server = server
    server.answer = ({ url = '', headers }, response) => {
      if (url === '/login') {
        if (headers.authorization !== BASIC) return void response.writeHead(401).end()
        this.logins += 1
        this.good.add(`Bearer token-${this.logins}`)
        return void response.end(JSON.stringify({ token: `token-${this.logins}` }))
      }
      if (!this.good.has(headers.authorization ?? '')) return void response.writeHead(401).end()
      response.end(JSON.stringify(this.answer))
    }
  }
}

async function marginalOf(server: GridServer, at = NOON + 10 * 60_000) {
  const { logger, said } = recorder()
  const clock = { nowUnixMs: at }
  const unixMs = () => clock.nowUnixMs
  const get = httpGet({ timeoutMs: 60_000, env: {}, unixMs })
  const marginal = createMarginal(config, { cache: noCache, get, unixMs, random: () => 0.5, logger }, server.url)
  assert.ok(marginal !== null)
  return { marginal, clock, said, refresh: () => marginal.refresh(new AbortController().signal) }
}

test('pounds per megawatt hour become grams per kilowatt hour, by five minutes', async () => {
  await using server = await GridServer.start()
  const { good } = new WattTime(server)
  const { marginal, clock, refresh } = await marginalOf(server)
  assert.equal(marginal.current(), null)
  assert.equal(await refresh(), 300_000)
  // 900 · 0.45359237.
  const shown = { zone: 'CAISO_NORTH', basis: 'marginal', source: 'watttime' } as const
  assert.deepEqual(marginal.current(), { ...shown, mgPerKwh: 408_233n, startsUnixMs: NOON + 600_000 })
  clock.nowUnixMs = NOON + 900_000
  // 1000.5 · 0.45359237.
  assert.deepEqual(marginal.current(), { ...shown, mgPerKwh: 453_819n, startsUnixMs: NOON + 900_000 })
  clock.nowUnixMs = NOON + 1_200_000
  assert.equal(marginal.current(), null, 'a figure was held beyond its time')
  const [login, asked] = server.asked
  assert.equal(login?.url.pathname, '/login')
  assert.equal(asked?.url.search, '?region=CAISO_NORTH&signal_type=co2_moer&horizon_hours=2')
  assert.deepEqual([...good], [asked?.headers.authorization])
})

test('a token is used until it is old or refused, and then renewed once', async () => {
  await using server = await GridServer.start()
  const watttime = new WattTime(server)
  const { clock, refresh } = await marginalOf(server)
  const looksAndLogins = async () => {
    const before = server.asked.length
    const waitMs = await refresh()
    return [waitMs, watttime.logins, server.asked.length - before]
  }
  assert.deepEqual(await looksAndLogins(), [300_000, 1, 2])
  assert.deepEqual(await looksAndLogins(), [300_000, 1, 1])
  clock.nowUnixMs += 25 * 60_000
  watttime.answer = forecast({}, point('12:35', 900))
  assert.deepEqual(await looksAndLogins(), [300_000, 2, 2])
  watttime.good.clear()
  assert.deepEqual(await looksAndLogins(), [300_000, 3, 3])
  // A new token that is refused too is no reason to log in again and again.
  watttime.good.add = (token) => watttime.good.delete(token) as never
  watttime.good.clear()
  assert.deepEqual(await looksAndLogins(), [3_750, 4, 3])
})

test('what is not as documented is refused with its reason, and nothing shows the password or a token', async () => {
  await using server = await GridServer.start()
  const watttime = new WattTime(server)
  const reasons: string[] = []
  for (const [answer, problem] of [
    [forecast({ region: 'PJM_DC' }), /expected region CAISO_NORTH, received "PJM_DC"/],
    [forecast({ signal_type: 'health_damage' }), /expected signal_type co2_moer, received "health_damage"/],
    [forecast({ units: 'percentile' }), /expected units lbs_co2_per_mwh, received "percentile"/],
    [{ data: [] }, /expected region CAISO_NORTH, received null/],
    [forecast({}, point('12:10', -1)), /expected g\/kWh from 0 to 2000/],
    [forecast({}, point('12:10', 4_410)), /expected g\/kWh from 0 to 2000/],
    [forecast({}, point('12:10', '900')), /expected g\/kWh from 0 to 2000, received "900"/],
    [forecast({}, { value: 900 }), /expected a time at point_time/],
    [forecast({}, point('23:10', 900)), /expected a time inside the requested window/],
  ] as const) {
    const { refresh, said } = await marginalOf(server)
    watttime.answer = answer
    await refresh()
    assert.match(said[0]?.message ?? '', problem)
    reasons.push(JSON.stringify(said))
  }
  for (const body of ['<html>', '{}', '{"token":7}', '{"token":"two words"}']) {
    const { refresh, said } = await marginalOf(server)
    server.says(body)
    await refresh()
    assert.match(said[0]?.message ?? '', /expected (JSON|a token)/)
    reasons.push(JSON.stringify(said))
  }
  assert.doesNotMatch(reasons.join(), /hush|token-|two words|Basic|Bearer/)
})

test('a check reads the file with the password, and none is needed without a source', () => {
  assert.deepEqual([checkMarginal(null), checkMarginal(config)], [[], []])
  const [fault, ...others] = checkMarginal({ ...config, key_file: join(folder, 'none') })
  assert.deepEqual([fault?.key, others], ['carbon.marginal', []])
  assert.match(fault?.text ?? '', /none: the key cannot be read \(ENOENT\)$/)
})

test('an outage of more than the forecast leaves nothing to show', async () => {
  await using server = await GridServer.start()
  new WattTime(server)
  const { marginal, clock, refresh } = await marginalOf(server)
  await refresh()
  server.refuses(503)
  clock.nowUnixMs += 3 * HOUR
  await refresh()
  assert.equal(marginal.current(), null)
})
