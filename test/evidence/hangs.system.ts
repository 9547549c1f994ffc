import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { acpiPowerMeter7, amdgpuBoard } from '../fixtures/machines/hwmon.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { holdReads } from '../native/held-reads.ts'
import { type Agent, Host } from './agent.ts'
import { bare } from './bare.ts'

const ZONES = 'sys/devices/virtual/powercap/intel-rapl'
const machine = { ...bare, ...xeon2s, ...acpiPowerMeter7, ...amdgpuBoard }
const GOOD_ZONE = 'wattledger_power_watts{sensor="rapl",scope="package",device="package-1"}'
const METER = 'wattledger_power_watts{sensor="hwmon",scope="ac_in",device="power_meter@ACPI000D:00 power1"}'

function putFifo(host: Host, path: string): void {
  const at = join(host.root, path)
  rmSync(at, { force: true })
  mkdirSync(dirname(at), { recursive: true })
  execFileSync('mkfifo', [at])
}

async function endsInTime(agent: Agent): Promise<void> {
  const askedMs = performance.now()
  assert.equal(await agent.stop(), 0, agent.stderr)
  assert.ok(performance.now() - askedMs < 10_000)
}

test('a FIFO in place of an attribute costs its own channel, and neither the start nor the end', async () => {
  await using host = new Host(machine)
  for (const path of [
    `${ZONES}/intel-rapl:0/name`,
    `${ZONES}/intel-rapl:0/intel-rapl:0:0/max_energy_range_uj`,
    `${ZONES}/intel-rapl:10/intel-rapl:10:0/energy_uj`,
    'sys/class/hwmon/hwmon3/name',
    'sys/firmware/dmi/tables/DMI',
    'sys/class/dmi/id/board_vendor',
  ]) {
    putFifo(host, path)
  }
  const agent = await host.start()
  const samples = await agent.scrapeUntil((found) => found.has(GOOD_ZONE) && found.has(METER))
  assert.equal(samples.get(METER), 287)
  await endsInTime(agent)
})

test('attributes that hang cost their own channels, and neither the start nor the end', async (t) => {
  await using host = new Host(machine)
  // More than libuv's pool has threads.
  const held = [
    `${ZONES}/intel-rapl:0/name`,
    `${ZONES}/intel-rapl:0/intel-rapl:0:0/name`,
    `${ZONES}/intel-rapl:1/name`,
    `${ZONES}/intel-rapl:10/intel-rapl:10:0/name`,
    'sys/class/hwmon/hwmon3/power1_label',
  ]
  const holds = await Promise.all(held.map((path) => holdReads(join(host.root, path))))
  const refused = holds.find((hold) => typeof hold === 'string')
  try {
    if (refused !== undefined) {
      t.skip(refused)
      return
    }
    const agent = await host.start()
    await agent.scrapeUntil((found) => found.has(GOOD_ZONE) && found.has(METER))
    await endsInTime(agent)
  } finally {
    for (const hold of holds) if (typeof hold !== 'string') await hold.release()
  }
})

test('a key file without an end, or one that nobody writes, is refused in words and takes no memory', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-keys-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const key_file = join(folder, 'key')
  execFileSync('mkfifo', [join(folder, 'fifo')])
  await using host = new Host(bare, { carbon: { zone: 'DE', location: { source: 'electricitymaps', key_file } } })
  for (const target of [join(folder, 'fifo'), '/dev/zero']) {
    symlinkSync(target, key_file)
    const agent = await host.start()
    await agent.logged(({ message }) => message?.includes(`${key_file} is no regular file`) === true)
    const rss = (await agent.scrape()).get('process_resident_memory_bytes') ?? 0
    assert.ok(rss > 0 && rss < 300e6, `${rss} bytes`)
    await endsInTime(agent)
    unlinkSync(key_file)
  }
})
