/** What is counted, on a machine with a BMC and RAPL: see README.md in this folder. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Samples } from './guest-service.ts'
import { Lab, MODULE } from './lab.ts'
import { guestIsMissing } from './missing.ts'
import { assertExact, readStands, setLoad, ZONES } from './rapl-truth.ts'
import { scrapeBy } from './scrapers.ts'
import { WattProgramme } from './watt-programme.ts'

const UNIT = resolve(import.meta.dirname, '../../systemd/wattledger.service')
const BMC = '{sensor="ipmi",scope="ac_in",device="bmc"}'
const PACKAGE = '{sensor="rapl",scope="package",device="package-0"}'
const POWER = `wattledger_power_watts${PACKAGE}`
const MEASURED_MS = 180_000
const RETURN_MS = 400_000
const LOADS = [1_000, 350, 800, 1_000, 100, 650]

const energyOf = (samples: Samples, labels: string) =>
  samples.get(`wattledger_energy_joules_total${labels}`) ?? Number.NaN
const zonesOf = (samples: Samples) =>
  [...samples]
    .filter(([series]) => series.startsWith('wattledger_energy_joules_total{sensor="rapl"'))
    .map(([, joules]) => joules)

test('a service that was installed by dpkg', { skip: guestIsMissing(), timeout: 7_200_000 }, async (t) => {
  await using lab = await Lab.start()
  const { guest, service, bmc } = lab

  await t.test('is active and ready, and the scrape shows the energy of the BMC and of each zone', async () => {
    await lab.install()
    lab.watch.begin()
    assert.equal(await service.property('ActiveState'), 'active')
    assert.equal(await service.property('Type'), 'notify')
    assert.equal(await service.property('StatusText'), 'serving http://localhost:10910')
    const samples = await service.scrapeUntil(
      (one) => energyOf(one, BMC) > 0 && zonesOf(one).every((joules) => joules > 0) && zonesOf(one).length > 0,
    )
    assert.equal(zonesOf(samples).length, ZONES.length)
    assert.equal((await service.health()).status, 200)
  })

  await t.test('runs as a user without privileges, and the devices are open to its group alone', async () => {
    const status = await guest.run(`cat /proc/${await service.property('MainPID')}/status`)
    const users = await guest.run('id -u wattledger; getent group wattledger wattledger-sensors | cut -d: -f3')
    const [user, ...groups] = users.split('\n')
    assert.match(status, new RegExp(`^Uid:(\\t${user}){4}$`, 'm'))
    assert.deepEqual(/^Groups:\t(.*)$/m.exec(status)?.[1]?.trim().split(' ').sort(), groups.sort())
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      assert.match(status, new RegExp(`^${set}:\\t0+$`, 'm'))
    }
    const devices = await guest.run("stat -c '%a %U:%G' /dev/ipmi0 /sys/class/powercap/*:*/energy_uj | sort -u")
    assert.equal(devices, '440 root:wattledger-sensors')
  })

  await t.test('is exposed by 2.0 at most, and the unit says why for each point that is left', async () => {
    const report = await guest.run('SYSTEMD_COLORS=0 systemd-analyze security --no-pager wattledger')
    const exposure = /Overall exposure level for wattledger.service: ([\d.]+)/.exec(report)?.[1]
    t.diagnostic(`exposure ${exposure}`)
    assert.ok(Number(exposure) <= 2, report)
    const unit = readFileSync(UNIT, 'utf8')
    const left = report.split('\n').flatMap((line) => /^✗ (\w+)=/.exec(line)?.[1] ?? [])
    assert.ok(left.length > 0)
    for (const directive of new Set(left)) assert.ok(unit.includes(`${directive}=`), `no word about ${directive}=`)
  })

  await t.test('counts the BMC to 1 % and RAPL to the register unit, across wraps and with 20 scrapers', async () => {
    await removeZones(lab)
    await guest.run(`insmod ${MODULE} load=100 wrap_after_s=60`)
    await service.scrapeUntil((samples) => (samples.get(POWER) ?? 0) > 0, RETURN_MS)
    const before = await readStands(lab)

    using programme = new WattProgramme(bmc)
    const scraping = scrapeBy({ clients: 20, durationMs: scrapeMs(), intervalMs: 1_000 }, service)
    const beganMs = performance.timeOrigin + performance.now()
    for (const permille of LOADS) {
      await setLoad(lab, permille)
      await setTimeout(MEASURED_MS / LOADS.length)
    }
    const endedMs = performance.timeOrigin + performance.now()
    const report = await scraping
    const after = await readStands(lab)

    t.diagnostic(JSON.stringify(report))
    assert.deepEqual(report.errors, [])
    assert.ok((report.missed.rapl ?? 0) <= report.seconds / 100, `${report.missed.rapl} sweeps missed`)

    assertExact(before, after)
    for (const zone of ZONES) {
      assert.equal((after.get(zone)?.wraps ?? 0) - (before.get(zone)?.wraps ?? 0), 1, `${zone} wraps once`)
    }

    const offsetMs = await clockOffsetMs(lab)
    // The model without a meter reads on the event loop.
    const gaps = await service.query(
      `SELECT sensor, device, reason, started_unix_ms FROM gap JOIN channel USING (channel_id)
       WHERE sensor IN ('rapl', 'ipmi')
         AND started_unix_ms BETWEEN ${beganMs + offsetMs} AND ${endedMs + offsetMs}`,
    )
    assert.deepEqual(gaps, [])
    const rows = await service.query<{ start: number; duration: number; joules: number }>(
      `SELECT start_unix_ms AS start, duration_ms AS duration, energy_uj / 1e6 AS joules
       FROM channel_raw JOIN channel USING (channel_id)
       WHERE sensor = 'ipmi' AND scope = 'ac_in' AND device = 'bmc'
         AND start_unix_ms >= ${beganMs + offsetMs} AND start_unix_ms + duration_ms <= ${endedMs + offsetMs}
       ORDER BY start_unix_ms`,
    )
    const first = rows[0]?.start ?? Number.NaN
    const until = (rows.at(-1)?.start ?? 0) + (rows.at(-1)?.duration ?? 0)
    const covered = rows.reduce((sum, { duration }) => sum + duration, 0)
    assert.ok(Math.abs(until - first - covered) < 10 * rows.length, 'without a gap')
    assert.ok(covered > MEASURED_MS - 30_000, `${covered} ms`)
    const joules = rows.reduce((sum, row) => sum + row.joules, 0)
    const truth = programme.joules(first - offsetMs, until - offsetMs)
    t.diagnostic(
      `BMC: ${joules.toFixed(0)} J, in truth ${truth.toFixed(0)} J, ${(100 * (joules / truth - 1)).toFixed(2)} %`,
    )
    assert.ok(Math.abs(joules / truth - 1) < 0.01, `${joules} J, in truth ${truth} J`)
  })

  await t.test('outlives the module of its zones: a gap, and it goes on', async () => {
    const starts = await service.property('NRestarts')
    const pid = await service.property('MainPID')
    const before = await service.scrape()
    const removedMs = performance.now()
    await removeZones(lab)
    await guest.run(`insmod ${MODULE}`)
    const goneS = (performance.now() - removedMs) / 1e3
    await service.scrapeUntil((samples) => (samples.get(POWER) ?? 0) > 0, RETURN_MS)
    t.diagnostic(`recovered ${((performance.now() - removedMs) / 1e3 - goneS).toFixed(0)} s after it was there again`)
    const after = await service.scrapeUntil((samples) => energyOf(samples, PACKAGE) > energyOf(before, PACKAGE))
    const unaccounted = `wattledger_unaccounted_seconds_total${PACKAGE}`
    const gapS = (after.get(unaccounted) ?? 0) - (before.get(unaccounted) ?? 0)
    assert.ok(gapS > goneS - 3, `a gap of ${gapS} s for ${goneS} s`)
    assert.equal(await service.property('NRestarts'), starts)
    assert.equal(await service.property('MainPID'), pid)
  })

  await t.test('is started again by the watchdog when its event loop stands still', async () => {
    const restarts = Number(await service.property('NRestarts'))
    // A disk that hangs holds the next commit, and with it the event loop, while all other threads run on.
    await guest.run('fsfreeze --freeze /var/lib/wattledger')
    try {
      await guest.run("until journalctl -u wattledger | grep -q 'Watchdog timeout'; do sleep 1; done", 300_000)
    } finally {
      await guest.run('fsfreeze --unfreeze /var/lib/wattledger')
    }
    await guest.run(
      `until [ "$(systemctl show -P NRestarts wattledger)" -gt ${restarts} ]; do sleep 1; done`,
      RETURN_MS,
    )
    await service.scrapeUntil((samples) => energyOf(samples, BMC) > 0)
  })

  assert.deepEqual(lab.watch.falls, [], 'no total ever falls')
})

/** Until the agent has seen it: those of a module that is loaded sooner are other registers, of which it would know nothing yet. */
async function removeZones({ guest, service }: Lab): Promise<void> {
  await guest.run('rmmod lab_powercap')
  await service.scrapeUntil((samples) => samples.get('wattledger_sensor_up{sensor="rapl"}') === 0)
}

function scrapeMs(): number {
  return Number(process.env.LAB_SCRAPE_MINUTES ?? MEASURED_MS / 60_000) * 60_000
}

/** How far the guest's wall clock is ahead of this machine's. */
async function clockOffsetMs({ guest }: Lab): Promise<number> {
  const offsets = []
  for (let count = 0; count < 5; count += 1) {
    const askedMs = performance.timeOrigin + performance.now()
    const guestMs = Number(await guest.run('date +%s%3N'))
    const answeredMs = performance.timeOrigin + performance.now()
    offsets.push({ spanMs: answeredMs - askedMs, offsetMs: guestMs - (askedMs + answeredMs) / 2 })
  }
  return offsets.sort((a, b) => a.spanMs - b.spanMs)[0]?.offsetMs ?? 0
}
