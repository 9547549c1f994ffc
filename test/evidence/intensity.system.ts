import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import Database from 'better-sqlite3'
import { GridServer } from '../carbon/sources/grid-server.ts'
import { Host } from './agent.ts'
import { vm } from './bare.ts'

const CO2E = 'wattledger_node_co2e_grams_total{scope="2",basis="location",ef_basis="life-cycle"}'
const CORRECTED = 'wattledger_co2e_correction_grams{basis="location",ef_basis="life-cycle"}'
/** So much that whole µg are more exact than what is asked for. */
const ROUNDED_KWH = 1e-5
const KWH = 'wattledger_node_energy_kwh_total{quality="estimated"}'

test('an agent counts with a live series, and with a file once the file covers the present', async () => {
  await using server = await GridServer.start()
  server.answer = (request, response) => {
    const end = Number(new URL(request.url ?? '', server.url).searchParams.get('end'))
    const values = [-60, 0].map((offset) => [end + offset, '500'])
    response.end(JSON.stringify({ status: 'success', data: { result: [{ metric: {}, values }] } }))
  }
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-intensity-'))
  after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'grid.csv')
  const header = 'zone,start,end,g_per_kwh,basis\n'
  writeFileSync(path, `${header}DE,2020-01-01T00:00:00Z,2020-01-01T01:00:00Z,1,life-cycle\n`)
  const live = { source: 'prometheus', url: server.url, query: 'grid', basis: 'life-cycle', hold: '1d' }
  await using host = new Host(vm, { carbon: { zone: 'DE', pue: 1.5, location: [{ source: 'file', path }, live] } })
  const agent = await host.start()
  // What was counted before the first answer, for which a busy machine's start does not wait, is corrected.
  const gramsOf = (all: ReadonlyMap<string, number>) => (all.get(CO2E) ?? 0) + (all.get(CORRECTED) ?? 0)
  await agent.scrapeUntil(
    (all) =>
      (all.get(KWH) ?? 0) > ROUNDED_KWH &&
      Math.abs(gramsOf(all) / (all.get(KWH) ?? 0) - 750) < 1 &&
      all.get('wattledger_carbon_intensity_grams_per_kwh{zone="DE",basis="life-cycle",source="prometheus"}') === 500,
  )
  await agent.logged(({ event, to }) => event === 'intensity_source_changed' && to === 'prometheus')
  const year = new Date().getUTCFullYear()
  writeFileSync(path, `${header}DE,${year - 1}-01-01T00:00:00Z,${year + 2}-01-01T00:00:00Z,20,life-cycle\n`)
  await agent.logged(({ event, to }) => event === 'intensity_source_changed' && to === 'file')
  assert.equal(await agent.stop(), 0)
  const db = new Database(host.ledger, { readonly: true })
  try {
    const used = db
      .prepare(
        "SELECT DISTINCT source, g_per_kwh, status FROM intensity WHERE source NOT LIKE 'static%' ORDER BY source",
      )
      .all()
    assert.deepEqual(used, [
      { source: 'file', g_per_kwh: 20, status: 'final' },
      { source: 'prometheus', g_per_kwh: 500, status: 'estimated' },
    ])
    const changes = db.prepare("SELECT detail FROM events WHERE what = 'intensity_source_changed'").pluck().all()
    assert.match(String(changes[0]), /^file -> (prometheus|static\S*) from .*: it has no figure for this time\b/)
    assert.match(String(changes.at(-1)), /^prometheus -> file from /)
  } finally {
    db.close()
  }
})
