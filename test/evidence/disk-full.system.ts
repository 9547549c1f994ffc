import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { type Agent, Host, sumOf } from './agent.ts'
import { bare } from './bare.ts'

/** Of the view's kWh. */
const ROUNDING_J = 0.01
const ENERGY = 'wattledger_node_energy_joules_total'
const POWER = 'wattledger_node_power_watts'

/** A file system of 2 MB until the test ends; null, and the test skipped, where there can be none. */
function smallDisk(t: TestContext): string | null {
  const path = mkdtempSync(join(tmpdir(), 'wattledger-small-'))
  t.after(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { encoding: 'utf8' })
  if (status === 0) return path
  t.skip(`no tmpfs can be mounted: ${stderr}`)
  return null
}

/** Whose ledger is on such a file system. */
function hostOn(path: string): Host {
  const state = join(path, 'state')
  mkdirSync(state)
  return new Host({ ...bare, ...epyc }, { paths: { state } })
}

/** Takes all room there is, in a file that is returned. */
function fill(path: string): string {
  const filler = join(path, 'filler')
  for (let block = 64 * 1024; block >= 1024; block /= 4) {
    for (;;)
      if (
        spawnSync('dd', ['if=/dev/zero', `bs=${block}`, 'count=1', 'oflag=append', 'conv=notrunc', `of=${filler}`])
          .status !== 0
      )
        break
  }
  return filler
}

async function assertFull(agent: Agent): Promise<void> {
  const health = await fetch(`${await agent.ready()}/healthz`)
  assert.equal(health.status, 503)
  assert.match(await health.text(), /ledger cannot be written: .*full/)
}

test('disk full: postings wait, the scrape and /healthz say so, and nothing is lost when space returns', {
  timeout: 400_000,
}, async (t) => {
  const path = smallDisk(t)
  if (path === null) return
  await using host = hostOn(path)
  const agent = await host.start()
  const before = await agent.scrapeUntil((samples) => sumOf(samples, ENERGY) > 0)
  const filler = fill(path)
  const full = await agent.scrapeUntil(
    (samples) =>
      samples.get('wattledger_ledger_up') === 0 && (samples.get('wattledger_ledger_queued_batches') ?? 0) >= 3,
  )
  assert.ok(sumOf(full, ENERGY) >= sumOf(before, ENERGY))
  await assertFull(agent)
  rmSync(filler)
  const after = await agent.scrapeUntil(
    (samples) => samples.get('wattledger_ledger_up') === 1 && samples.get('wattledger_ledger_queued_batches') === 0,
  )
  assert.equal(after.get('wattledger_ledger_dropped_batches_total'), 0)
  assert.equal(await agent.stop(), 0)
  const db = new Database(join(path, 'state/ledger.db'), { readonly: true })
  const rows = db
    .prepare(
      "SELECT sum(energy_uj) / 1e6 AS joules FROM channel_raw JOIN channel USING (channel_id) WHERE sensor = 'rapl'",
    )
    .get() as { joules: number }
  const gaps = db.prepare("SELECT count(*) AS n FROM gaps WHERE sensor = 'rapl'").get() as { n: number }
  db.close()
  assert.equal(gaps.n, 0)
  const shown = after.get('wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-0"}') ?? 0
  assert.ok(rows.joules > shown - ROUNDING_J, `${rows.joules} J in rows, ${shown} J shown`)
})

test('an agent that was away while the disk became full starts, goes on from its totals through a kill, and writes once there is room', {
  timeout: 400_000,
}, async (t) => {
  const path = smallDisk(t)
  if (path === null) return
  await using host = hostOn(path)
  const first = await host.start()
  const began = await first.scrapeUntil((samples) => sumOf(samples, ENERGY) > 0)
  assert.equal(await first.stop(), 0)
  const filler = fill(path)
  let shownJ = sumOf(began, ENERGY)
  for (const end of ['kill', 'stop'] as const) {
    const agent = await host.start()
    const full = await agent.scrapeUntil(
      (samples) => sumOf(samples, POWER) > 0 && (samples.get('wattledger_ledger_queued_batches') ?? 0) >= 2,
    )
    assert.equal(full.get('wattledger_ledger_up'), 0)
    assert.ok(sumOf(full, ENERGY) >= shownJ, 'no total has fallen')
    shownJ = sumOf(full, ENERGY)
    await assertFull(agent)
    await agent[end]()
  }
  const last = await host.start()
  rmSync(filler)
  await last.scrapeUntil((samples) => samples.get('wattledger_ledger_up') === 1 && sumOf(samples, ENERGY) > shownJ)
  assert.equal(await last.stop(), 0)
})
