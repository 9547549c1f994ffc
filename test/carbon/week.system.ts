import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { IntensityCache } from '../../src/carbon/feeds/feed-history.ts'
import { LiveSource } from '../../src/carbon/feeds/live.ts'
import { rteFeed } from '../../src/carbon/sources/rte.ts'
import { StaticSource } from '../../src/carbon/sources/static.ts'
import { httpGet } from '../../src/io/http.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { UJ_PER_KWH } from '../../src/model/units.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { recorder } from './recorder.ts'
import { DailyPue, SimulatedAgent, sumUg } from './simulated-agent.ts'
import { GridServer } from './sources/grid-server.ts'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** In the night to Sunday, 2026-03-29 at 01:00 UTC, France goes from UTC+1 to UTC+2. */
const START = Date.UTC(2026, 2, 25)
const SUMMER = Date.UTC(2026, 2, 29, 1)
const END = START + 7 * DAY
/** The interface revises for two days; then one more look makes the last quarter final. */
const TAIL = 2 * DAY + HOUR
const LATE = 3 * HOUR
const REVISED = { fromUnixMs: START + DAY, toUnixMs: START + 2 * DAY, atUnixMs: START + 2.5 * DAY, gPerKwh: 40 }
const RESTARTS = [START + 30 * HOUR, SUMMER + HOUR / 2]
const CONTRACT_PPM = 300_000n

const localHour = (unixMs: number) => (unixMs / HOUR + (unixMs < SUMMER ? 1 : 2)) % 24
const swing = (unixMs: number) => Math.cos(((localHour(unixMs) - 15) / 12) * Math.PI)
/** A minute's energy: more by day, by the clock on the wall. */
const energyUj = (unixMs: number) => BigInt(Math.round((300 + 120 * swing(unixMs)) * 60)) * 1_000_003n
const pue = new DailyPue((hour) => (hour >= 6 && hour < 18 ? 1_410_000n : 1_280_000n))

/** What the grid says at a time of one of its quarters. */
function gPerKwh(quarterUnixMs: number, nowUnixMs: number): number {
  const { fromUnixMs, toUnixMs, atUnixMs } = REVISED
  const isRevised = fromUnixMs <= quarterUnixMs && quarterUnixMs < toUnixMs && nowUnixMs >= atUnixMs
  return Math.round(60 + 25 * swing(quarterUnixMs)) + (isRevised ? REVISED.gPerKwh : 0)
}

/** `2026-03-29T03:15:00+02:00`: an interface of the country speaks the country's time. */
function localTime(unixMs: number): string {
  const offset = unixMs < SUMMER ? 1 : 2
  return `${new Date(unixMs + offset * HOUR).toISOString().slice(0, 19)}+0${offset}:00`
}

function play(server: GridServer, clock: { readonly nowUnixMs: number }): void {
  const hoursIn = (from: number, to: number) =>
    clock.nowUnixMs >= START + from * HOUR && clock.nowUnixMs < START + to * HOUR
  server.answer = (request, response) => {
    if (hoursIn(20, 31)) return void request.socket.destroy()
    if (hoursIn(40, 44)) return void response.writeHead(429, { 'retry-after': '7200' }).end()
    if (hoursIn(70, 71)) return void response.end('<html>maintenance</html>')
    if (hoursIn(71, 72)) return void response.end(JSON.stringify([{ date_heure: localTime(START), taux_co2: 99_999 }]))
    const asked = /date_heure >= date'([^']+)'/.exec(
      new URL(request.url ?? '', server.url).searchParams.get('where') ?? '',
    )
    const from = Math.ceil(Date.parse(asked?.[1] ?? '') / QUARTER) * QUARTER
    const quarters: unknown[] = []
    for (let at = from; at + QUARTER + LATE <= clock.nowUnixMs; at += QUARTER) {
      quarters.push({ date_heure: localTime(at), taux_co2: gPerKwh(at, clock.nowUnixMs) })
    }
    response.end(JSON.stringify(quarters))
  }
}

/** Seven days, and the two that settlement takes, with two restarts. Returns where the ledger is. */
async function liveAWeek(t: TestContext, server: GridServer) {
  const path = join(scratchDirectory(t), 'ledger.db')
  const clock = { nowUnixMs: START }
  const unixMs = () => clock.nowUnixMs
  const get = httpGet({ timeoutMs: 60_000, env: {}, unixMs })
  const live = (cache: IntensityCache) =>
    new LiveSource({
      feed: rteFeed(server.url),
      cache,
      get,
      holdMs: 0,
      unixMs,
      random: () => 0.5,
      logger: recorder().logger,
    })
  const begin = async () => {
    let source: LiveSource | undefined
    const sources = (cache: IntensityCache) => {
      source = live(cache)
      return [source, new StaticSource('FR')]
    }
    const agent = await SimulatedAgent.start({ path, clock, pue, sources, contractPpm: CONTRACT_PPM })
    if (source === undefined) throw new Error('no source was made')
    return { agent, source, nextLookUnixMs: clock.nowUnixMs }
  }
  play(server, clock)
  let run = await begin()
  let totals = run.agent.flush()
  while (clock.nowUnixMs < END + TAIL) {
    if (RESTARTS.includes(clock.nowUnixMs)) {
      await run.agent.stop()
      run = await begin()
    }
    if (clock.nowUnixMs >= run.nextLookUnixMs) {
      run.nextLookUnixMs = clock.nowUnixMs + (await run.source.refresh(new AbortController().signal))
    }
    if (clock.nowUnixMs < END) run.agent.post(energyUj(clock.nowUnixMs), clock.nowUnixMs, clock.nowUnixMs + MINUTE)
    clock.nowUnixMs += MINUTE
    if (clock.nowUnixMs % (10 * MINUTE) !== 0) continue
    const before = totals
    totals = run.agent.flush()
    for (const account of ['location', 'market'] as const) {
      for (const basis of ['direct', 'life-cycle'] as const) {
        assert.ok(totals.bookedUg[account][basis] >= before.bookedUg[account][basis], 'a counter never falls')
      }
    }
    if (clock.nowUnixMs === END) assert.ok(statuses(path).includes('provisional'), 'not all is settled yet')
  }
  await run.agent.stop()
  return { path, totals }
}

function statuses(path: string): unknown[] {
  const db = openReadOnly(path)
  try {
    return db.prepare('SELECT DISTINCT status FROM settled_emission ORDER BY 1').pluck().all()
  } finally {
    db.close()
  }
}

test('a week with a source that fails, lags, revises a day and meets summer time: all is counted, and all is settled', async (t) => {
  await using server = await GridServer.start()
  const { path, totals } = await liveAWeek(t, server)
  const db = openReadOnly(path)
  try {
    const rows = (sql: string) => db.prepare(sql).safeIntegers().raw().all()
    // No minute without emissions, and no energy that one account has and another has not.
    assert.deepEqual(
      rows('SELECT count(*), count(co2e_location_ug), count(co2e_market_ug), sum(covered_ms) FROM node_minute'),
      [[10_080n, 10_080n, 10_080n, BigInt(7 * DAY)]],
    )
    let [usedUj, locationUg, contractUg] = [0n, 0n, 0n]
    for (let at = START; at < END; at += MINUTE) {
      const siteUj = energyUj(at) * pue.ppmAt(at)
      usedUj += energyUj(at)
      locationUg += siteUj * BigInt(gPerKwh(Math.floor(at / QUARTER) * QUARTER, END))
      contractUg += siteUj * 50n
    }
    assert.deepEqual(rows('SELECT sum(energy_uj) FROM node_hour'), [[usedUj]])
    assert.deepEqual(rows('SELECT account, sum(energy_uj) FROM emission GROUP BY account ORDER BY account'), [
      ['location', usedUj],
      ['market', usedUj],
    ])
    assert.deepEqual(statuses(path), ['final'])
    assert.deepEqual(
      rows("SELECT DISTINCT source FROM settled_emission WHERE account = 'location'"),
      [['rte']],
      'every stand-in gave way',
    )
    assert.ok(
      Number(rows("SELECT count(*) FROM emission JOIN factor USING (factor_id) WHERE status = 'estimated'")[0]) > 600,
    )
    // Settled is the direct sum over what the grid said in the end; a booking is rounded down once.
    const sums = new Map(
      (
        rows('SELECT account, sum(co2e_ug), count(*) FROM settled_emission GROUP BY account') as [
          string,
          bigint,
          bigint,
        ][]
      ).map(([account, ug, bookings]) => [account, { ug, bookings }]),
    )
    const toUg = (product: bigint) => product / UJ_PER_KWH
    const isWithin = (account: string, directUg: bigint, slackUg: bigint) => {
      const { ug, bookings } = sums.get(account) ?? { ug: 0n, bookings: 0n }
      assert.ok(
        ug <= directUg + slackUg && directUg - ug <= bookings + slackUg,
        `${account}: ${ug} µg, directly ${directUg}`,
      )
    }
    isWithin('location', toUg(locationUg), 0n)
    // A contract's part of each piece is rounded to the µJ.
    isWithin('market', toUg((locationUg * 700_000n + contractUg * CONTRACT_PPM) / 1_000_000n), 10n)
    // What is exported is what the views say, to the µg.
    for (const account of ['location', 'market'] as const) {
      const exported = sumUg(totals, 'bookedUg', account) + sumUg(totals, 'correctionUg', account)
      assert.equal(exported, sums.get(account)?.ug)
      const days = rows(`SELECT CAST(sum(round(co2e_${account}_g * 1e6)) AS INTEGER) FROM node_daily`)
      assert.deepEqual(days, [[exported]])
    }
    assert.equal(totals.correctionUg.location['life-cycle'], -totals.bookedUg.location['life-cycle'])
    assert.deepEqual(rows('SELECT DISTINCT ef_basis, co2e_status FROM node_hourly'), [['direct', 'final']])
  } finally {
    db.close()
  }
})
