import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { epyc } from '../fixtures/machines/rapl.ts'
import { Host, sumOf } from './agent.ts'
import { bare } from './bare.ts'

/** Of the view's kWh. */
const ROUNDING_J = 0.01
const ENERGY = 'wattledger_node_energy_joules_total'
const POWER = 'wattledger_node_power_watts'

/** A file system of 2 MB, or why there can be none. */
function mountSmall(): { readonly path: string; readonly refusal: string | false } {
  const path = mkdtempSync(join(tmpdir(), 'wattledger-small-'))
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { encoding: 'utf8' })
  return { path, refusal: status === 0 ? false : `no tmpfs can be mounted: ${stderr}` }
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

test('disk full: postings wait, the scrape and /healthz say so, and nothing is lost when space returns', {
  timeout: 400_000,
}, async (t) => {
  const { path, refusal } = mountSmall()
  try {
    if (refusal) return t.skip(refusal)
    const state = join(path, 'state')
    mkdirSync(state)
    await using host = new Host({ ...bare, ...epyc }, { paths: { state } })
    const agent = await host.start()
    const before = await agent.scrapeUntil((samples) => sumOf(samples, ENERGY) > 0)
    const filler = fill(path)
    const full = await agent.scrapeUntil(
      (samples) =>
        samples.get('wattledger_ledger_up') === 0 && (samples.get('wattledger_ledger_queued_batches') ?? 0) >= 3,
    )
    assert.ok(sumOf(full, ENERGY) >= sumOf(before, ENERGY))
    const health = await fetch(`${await agent.ready()}/healthz`)
    assert.equal(health.status, 503)
    assert.match(await health.text(), /ledger cannot be written: .*full/)
    rmSync(filler)
    const after = await agent.scrapeUntil(
      (samples) => samples.get('wattledger_ledger_up') === 1 && samples.get('wattledger_ledger_queued_batches') === 0,
    )
    assert.equal(after.get('wattledger_ledger_dropped_batches_total'), 0)
    assert.equal(await agent.stop(), 0)
    const db = new Database(join(state, 'ledger.db'), { readonly: true })
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
  } finally {
    if (!refusal) spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  }
})

test('an agent that was away while the disk became full starts, goes on from its totals through a kill, and writes once there is room', {
  timeout: 400_000,
}, async (t) => {
  const { path, refusal } = mountSmall()
  try {
    if (refusal) return t.skip(refusal)
    const state = join(path, 'state')
    mkdirSync(state)
    await using host = new Host({ ...bare, ...epyc }, { paths: { state } })
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
      const health = await fetch(`${await agent.ready()}/healthz`)
      assert.equal(health.status, 503)
      assert.match(await health.text(), /ledger cannot be written: .*full/)
      await agent[end]()
    }
    const last = await host.start()
    rmSync(filler)
    await last.scrapeUntil((samples) => samples.get('wattledger_ledger_up') === 1 && sumOf(samples, ENERGY) > shownJ)
    assert.equal(await last.stop(), 0)
  } finally {
    if (!refusal) spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  }
})
