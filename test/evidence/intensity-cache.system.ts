import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import { GridServer } from '../carbon/sources/grid-server.ts'
import { Host } from './agent.ts'
import { vm } from './bare.ts'

/** Booked, and what corrects a stand-in of before the first answer, for which a busy machine's start does not wait. */
const CO2E = /^wattledger_(node_co2e_grams_total\{scope="2",|co2e_correction_grams\{)basis="location"/
const KWH = 'wattledger_node_energy_kwh_total{quality="estimated"}'
/** So much that whole µg are more exact than what is asked for. */
const ROUNDED_KWH = 1e-5
const GRID = 'wattledger_carbon_intensity_grams_per_kwh{zone="DE",basis="life-cycle",source="prometheus"}'
const MARGINAL = 'wattledger_carbon_intensity_grams_per_kwh{zone="CAISO_NORTH",basis="marginal",source="watttime"}'

test('what was fetched outlives a restart without a network; a marginal figure is shown and not counted', async () => {
  const server = await GridServer.start()
  server.answer = (request, response) => {
    const end = Number(new URL(request.url ?? '', server.url).searchParams.get('end'))
    const values = Array.from({ length: 30 }, (_, minute) => [end - 60 * minute, '500'])
    response.end(JSON.stringify({ status: 'success', data: { result: [{ metric: {}, values }] } }))
  }
  // The marginal source's server cannot be another one: nothing leaves this machine.
  process.env.HTTPS_PROXY = 'http://127.0.0.1:1'
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-password-'))
  after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'password'), 'secret\n', { mode: 0o600 })
  const location = { source: 'prometheus', url: server.url, query: 'grid', basis: 'life-cycle', hold: '1h' }
  const marginal = { source: 'watttime', username: 'me', key_file: join(folder, 'password'), region: 'CAISO_NORTH' }
  await using host = new Host(vm, { carbon: { zone: 'DE', pue: 1.5, location, marginal } })
  const first = await host.start()
  await first.scrapeUntil((all) => all.get(GRID) === 500 && !all.has(MARGINAL))
  assert.equal(await first.stop(), 0)
  await server[Symbol.asyncDispose]()

  const db = new Database(host.ledger)
  const now = Date.now()
  db.prepare('INSERT INTO fetched_intensity VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    ...['watttime:CAISO_NORTH', 'CAISO_NORTH', 'marginal', now - 60_000, now + 600_000, 901_000, 'provisional', now],
  )
  db.close()
  const second = await host.start()
  const gPerKwh = (all: ReadonlyMap<string, number>) => {
    const grams = [...all].filter(([name]) => CO2E.test(name)).reduce((sum, [, value]) => sum + value, 0)
    return grams / (all.get(KWH) ?? 0)
  }
  const samples = await second.scrapeUntil(
    (all) => all.has(MARGINAL) && (all.get(KWH) ?? 0) > ROUNDED_KWH && Math.abs(gPerKwh(all) - 750) < 1,
  )
  assert.equal(samples.get(MARGINAL), 901)
  assert.equal(samples.get(GRID), 500)
  await second.logged(({ event, source }) => event === 'intensity_fetch_failed' && source === 'prometheus')
  await second.logged(({ event, source }) => event === 'intensity_fetch_failed' && source === 'watttime')
  assert.equal(await second.stop(), 0)
  const counted = new Database(host.ledger, { readonly: true })
  const used = "SELECT DISTINCT source, basis FROM intensity WHERE source NOT LIKE 'static%'"
  assert.deepEqual(counted.prepare(used).all(), [{ source: 'prometheus', basis: 'life-cycle' }])
  counted.close()
})
