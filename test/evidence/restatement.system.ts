import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import type { Restatement } from '../../src/commands/restatements.ts'
import { restOf } from '../ledger/setting.ts'
import { type Agent, Host } from './agent.ts'
import { vm } from './bare.ts'

const BOOKED = 'wattledger_node_co2e_grams_total{scope="2",basis="location",ef_basis="direct"}'
const CORRECTED = 'wattledger_co2e_correction_grams{basis="location",ef_basis="direct"}'
const MARKET = 'wattledger_node_co2e_grams_total{scope="2",basis="market",ef_basis="direct"}'

const main = resolve(import.meta.dirname, '../../src/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'wattledger-restatement-'))
after(() => rmSync(folder, { recursive: true }))

/** A file of the present year, put in place at once. */
function writeGrid(path: string, gPerKwh: number): void {
  const year = new Date().getUTCFullYear()
  const line = `DE,${year - 1}-01-01T00:00:00Z,${year + 2}-01-01T00:00:00Z,${gPerKwh},direct`
  writeFileSync(`${path}.new`, `zone,start,end,g_per_kwh,basis\n${line}\n`)
  renameSync(`${path}.new`, path)
}

async function corrected(agent: Agent, fits: (correction: number, booked: number) => boolean): Promise<void> {
  await agent.scrapeUntil((all) => fits(all.get(CORRECTED) ?? 0, all.get(BOOKED) ?? 0))
}

test('late figures restate what is booked, over a restart; the counter never falls and the list says it all', async () => {
  const path = join(folder, 'grid.csv')
  const location = [
    { source: 'file', path, basis: 'direct' },
    { source: 'value', g_per_kwh: 100, basis: 'direct', reference: 'stand-in' },
  ]
  const contract = { name: 'wind', instrument: 'ppa', share: 0.5, g_per_kwh: 0, basis: 'direct' }
  const market = { source: 'contracts', contracts: [{ ...contract, from: '2020-01-01', to: '2100-01-01' }] }
  await using host = new Host(vm, { carbon: { zone: 'DE', location, market }, ledger: { flush: '1s' } })
  const first = await host.start()
  const before = await first.scrapeUntil((all) => (all.get(BOOKED) ?? 0) > 0)
  assert.equal(before.get(CORRECTED), 0)
  // Half of the machine's electricity is the wind park's.
  const half = (before.get(BOOKED) ?? 0) / 2
  assert.ok(Math.abs((before.get(MARKET) ?? 0) - half) < 1e-5, `${before.get(MARKET)} g of ${half} g`)
  assert.equal(await first.stop(), 0)

  writeGrid(path, 400)
  const second = await host.start()
  await corrected(second, (correction) => correction > 0)
  writeGrid(path, 50)
  await corrected(second, (correction) => correction < 0)
  assert.ok(((await second.scrape()).get(BOOKED) ?? 0) >= (before.get(BOOKED) ?? 0))
  assert.equal(await second.stop(), 0)

  const list = (...args: readonly string[]) =>
    execFileSync(process.execPath, [main, 'carbon', 'restatements', '--config', host.configFile, ...args], {
      encoding: 'utf8',
    })
  const rows = JSON.parse(list('--json', '--all')) as Restatement[]
  const location1 = rows.filter(({ account }) => account === 'location')
  const [up, down] = [location1[0], location1.findLast(({ replaces }) => replaces === location1[0]?.id)]
  assert.deepEqual([up?.was_source, up?.source, up?.replaces], ['value:stand-in', 'file', null])
  assert.deepEqual([up?.g_per_kwh, down?.was_g_per_kwh, down?.g_per_kwh], [400, 400, 50])
  const text = list()
  assert.match(text, /^ *id +made +account/)
  assert.match(text, /booking +100.0 +400.0 +\+[\d.]+ +value:stand-in -> file +estimated -> final$/m)
  assert.match(text, /^In all: .*location -/m)

  const db = new Database(host.ledger, { readonly: true })
  try {
    const one = (query: string) => db.prepare(query).pluck().get() as number
    const { bookedUg, correctionUg } = restOf(db).carbon
    const [booked, correction] = [bookedUg.location, correctionUg.location]
    const settled = Number(booked.direct + booked['life-cycle'] + correction.direct + correction['life-cycle'])
    assert.equal(one("SELECT sum(co2e_ug) FROM settled_emission WHERE account = 'location'"), settled)
    assert.ok(Math.abs(one('SELECT sum(co2e_location_g) FROM node_hourly') - settled / 1e6) < 1e-5)
    assert.equal(
      one("SELECT sum(energy_uj) FROM emission WHERE account = 'market'"),
      one('SELECT sum(energy_uj) FROM node_hour'),
    )
    assert.deepEqual(db.prepare('SELECT DISTINCT ef_basis, co2e_status FROM node_hourly').all(), [
      { ef_basis: 'direct', co2e_status: 'final' },
    ])
  } finally {
    db.close()
  }
})
