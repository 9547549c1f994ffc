/** What the ledger survives: the disk, the clock, the process, the machine and an upgrade. See README.md in this folder. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { STEPS } from '../../src/ledger/schema/steps.ts'
import type { Samples } from './guest-service.ts'
import { Lab, MODULE } from './lab.ts'
import { guestIsMissing } from './missing.ts'
import { assertExact, readStands, setLoad } from './rapl-truth.ts'

const BMC = '{sensor="ipmi",scope="ac_in",device="bmc"}'
const ENERGY_UJ =
  "SELECT energy_uj FROM counter JOIN channel USING (channel_id) WHERE sensor = 'ipmi' AND scope = 'ac_in' AND device = 'bmc'"
/** What the process has counted is kept in memory so often, and flushed to the disk so often. */
const KEEP_S = 10
const FLUSH_S = 120
/** A reading of the BMC, and what a busy machine adds. */
const MORE_S = 5 + 3
const STATE = '/var/lib/wattledger'
/** Their registers take minutes to half of their range; a downtime that memory's 32 s to a minute do not cover is a gap. */
const BRIDGED = ['intel-rapl:0', 'intel-rapl:1', 'intel-rapl:2']
/** Of an emulated start, beside other guests. */
const START_MS = 300_000

const energyOf = (samples: Samples) => samples.get(`wattledger_energy_joules_total${BMC}`) ?? Number.NaN
const unaccountedOf = (samples: Samples) => samples.get(`wattledger_unaccounted_seconds_total${BMC}`) ?? Number.NaN
const isWriting = (samples: Samples) =>
  samples.get('wattledger_ledger_up') === 1 && samples.get('wattledger_ledger_queued_batches') === 0
const isQueueing = (samples: Samples) =>
  samples.get('wattledger_ledger_up') === 0 && (samples.get('wattledger_ledger_queued_batches') ?? 0) >= 2

test('a ledger outlives', { skip: guestIsMissing(), timeout: 3_600_000 }, async (t) => {
  await using lab = await Lab.start()
  const { guest, service, watch } = lab
  lab.bmc.set({ watts: 300 })
  await lab.install()
  await service.scrapeUntil((samples) => energyOf(samples) > 0)
  watch.begin()
  /** Waits until the ledger itself has more than `since` shows: a scrape is ahead of it. And shows it. */
  const goesOn = async (since: Samples) => {
    const untilMs = performance.now() + START_MS
    for (let energyUj = 0; energyUj <= 1e6 * energyOf(since); ) {
      assert.ok(performance.now() < untilMs, `the ledger stays at ${energyUj} µJ`)
      await service.freshen().catch(() => {})
      await setTimeout(1_000)
      energyUj = Number(await guest.run(`sqlite3 -readonly ${STATE}/ledger.db "${ENERGY_UJ}" || true`))
    }
    return service.scrapeUntil((samples) => isWriting(samples) && energyOf(samples) > energyOf(since), START_MS)
  }
  await setLoad(lab, 1_000)
  const started = await readStands(lab)

  await t.test('a full disk: postings wait, /healthz says so, and all of it is written later', async () => {
    const before = await service.scrape()
    await guest.run(
      `dd if=/dev/zero of=${STATE}/filler bs=64k status=none || true; dd if=/dev/zero of=${STATE}/rest bs=1k status=none || true`,
    )
    await service.scrapeUntil(isQueueing)
    const health = await service.health()
    assert.equal(health.status, 503)
    assert.match(health.text, /ledger cannot be written: .*full/)
    await guest.run(`rm ${STATE}/filler ${STATE}/rest`)
    const after = await goesOn(before)
    assert.equal(after.get('wattledger_ledger_dropped_batches_total'), 0)
    assert.equal(unaccountedOf(after), unaccountedOf(before))
  })

  await t.test('a clock set back by two hours and forward by a day: no energy for it', async () => {
    // And back to the truth, which the machine has again after the power cut.
    for (const jump of ['2 hours ago', '1 day', '22 hours ago']) {
      const [before, beganMs] = [await service.scrape(), performance.now()]
      await guest.run(`date --set="$(date --date='${jump}')"`)
      const after = await goesOn(before)
      const possibleJ = (300 * (performance.now() - beganMs + 1e3 * (KEEP_S + 10))) / 1e3
      const joules = energyOf(after) - energyOf(before)
      assert.ok(joules <= possibleJ, `${joules} J after "${jump}", where ${possibleJ} J are possible`)
      assert.equal(unaccountedOf(after), unaccountedOf(before), 'nor does it cost any')
    }
    // An event comes with the flush after it.
    const jumps = "SELECT count(*) FROM events WHERE what LIKE '%clock%'"
    await guest.run(`until [ "$(sqlite3 -readonly ${STATE}/ledger.db "${jumps}")" -ge 3 ]; do sleep 1; done`, START_MS)
    assert.deepEqual(await service.query(jumps), [{ 'count(*)': 3 }])
  })

  /** The gap of the BMC that an end of the agent left: what came before is safe up to what had to be kept, and a reading. */
  async function assertGapFrom(endMs: number, reason: string, safeS: number): Promise<void> {
    const gaps = await service.query<{ started: number; ended: number }>(
      `SELECT started_unix_ms AS started, ended_unix_ms AS ended FROM gap JOIN channel USING (channel_id)
       WHERE sensor = 'ipmi' AND device = 'bmc' AND reason = '${reason}' AND ended_unix_ms > ${endMs}`,
    )
    assert.equal(gaps.length, 1, JSON.stringify(gaps))
    const lostMs = endMs - (gaps[0]?.started ?? 0)
    t.diagnostic(`${reason}: ${lostMs} ms lost`)
    assert.ok(lostMs < 1e3 * (safeS + MORE_S), `${lostMs} ms lost`)
  }
  const guestMs = async () => Number(await guest.run('date +%s%3N'))

  await t.test('a restart, which is a gap', async () => {
    const [before, endMs] = [await service.scrape(), await guestMs()]
    await guest.run('systemctl restart wattledger', START_MS)
    // First what the stop wrote, then what the new process did.
    await goesOn(await goesOn(before))
    await assertGapFrom(endMs, 'restart', KEEP_S)
  })

  await t.test('kill -9, which costs ten seconds at most', async () => {
    const [before, restarts] = [await service.scrape(), Number(await service.property('NRestarts'))]
    await guest.run('systemctl kill --signal=KILL wattledger')
    const endMs = await guestMs()
    await goesOn(await goesOn(before))
    assert.equal(Number(await service.property('NRestarts')), restarts + 1)
    await assertGapFrom(endMs, 'restart', KEEP_S)
  })

  await t.test('a file system that an error made read-only, and its repair', async () => {
    const before = await service.scrape()
    await guest.run('echo 1 > /sys/fs/ext4/vdb/trigger_fs_error')
    const during = await service.scrapeUntil(isQueueing)
    assert.equal((await service.health()).status, 503)
    assert.ok(energyOf(during) >= energyOf(before))
    await guest.run('systemctl stop wattledger', START_MS)
    await guest.run(`umount ${STATE}; e2fsck -fy /dev/vdb; mount ${STATE}`)
    await guest.run('systemctl start wattledger', START_MS)
    await goesOn(before)
  })

  await t.test('all of this without the loss of one unit of a register', async () => {
    const stands = await readStands(lab)
    const gaps = "SELECT started, ended, device, reason FROM gaps WHERE sensor = 'rapl'"
    t.diagnostic(JSON.stringify(await service.query(gaps)))
    assertExact(started, stands, BRIDGED)
  })

  await t.test('a power cut, which costs one flush interval at most and is a gap', async () => {
    const before = await goesOn(await service.scrape())
    const endMs = await guestMs()
    await guest.cutPower()
    await guest.switchOn()
    await guest.run(`insmod ${MODULE}`)
    await goesOn(before)
    await assertGapFrom(endMs, 'reboot', FLUSH_S)
    assert.equal(await guest.run(`sqlite3 -readonly ${STATE}/ledger.db 'PRAGMA integrity_check'`), 'ok')
  })

  await t.test('SIGHUP with a good and with a broken configuration', async () => {
    const file = '/etc/wattledger/wattledger.yaml'
    const name = (samples: Samples) => [...samples.keys()].find((series) => series.startsWith('wattledger_node_info'))
    await guest.run(`sed -i 's/^  name: null/  name: renamed/' ${file} && systemctl reload wattledger`)
    await service.scrapeUntil((samples) => name(samples)?.includes('node="renamed"') === true)
    await guest.run(`echo 'nonsense: true' >> ${file} && systemctl reload wattledger`)
    await guest.run(`until journalctl -u wattledger | grep -q '"event":"reload_refused"'; do sleep 0.2; done`)
    assert.match(await service.log(), /"event":"reload_refused".*nonsense/)
    assert.ok(name(await service.scrape())?.includes('node="renamed"'))
    await guest.run(`sed -i '/^nonsense/d; s/^  name: renamed/  name: null/' ${file}`)
  })

  assert.deepEqual(watch.falls, [], 'no total ever falls')

  await t.test('an upgrade from the package of before', async () => {
    await guest.run('dpkg --purge wattledger', START_MS)
    watch.forget()
    await lab.install('previous.deb')
    const before = await service.scrapeUntil((samples) => energyOf(samples) > 0)
    const version = () => guest.run(`sqlite3 -readonly ${STATE}/ledger.db 'PRAGMA user_version'`)
    const versionBefore = Number(await version())
    await lab.install()
    const after = await goesOn(before)
    assert.ok([...after.keys()].some((series) => series.startsWith('wattledger_build_info')))
    t.diagnostic(`schema ${versionBefore} to ${await version()}`)
    assert.equal(Number(await version()), STEPS.length)
    assert.ok(versionBefore < STEPS.length)
    assert.ok(unaccountedOf(after) - unaccountedOf(before) < 120)
    assert.deepEqual(watch.falls, [], 'no total ever falls')
  })
})
