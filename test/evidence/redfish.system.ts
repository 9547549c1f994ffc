import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { stringify } from 'yaml'
import type { DoctorReport } from '../../src/commands/doctor-report.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { Bmc } from '../fixtures/redfish/bmc.ts'
import { listed } from '../fixtures/redfish/part-trees.ts'
import { dial, xcc } from '../fixtures/redfish/trees.ts'
import { hostInterface } from '../machine/smbios-table.ts'
import { type Agent, Host } from './agent.ts'
import { bare, vm } from './bare.ts'
import { assertGolden, countsBy, GOLDEN_CONFIG } from './golden.ts'

const WHOLE = 'wattledger_power_watts{sensor="redfish",scope="ac_in",device="bmc"}'
const PACKAGE = 'wattledger_power_watts{sensor="rapl",scope="package",device="package-0"}'

test('golden scrape: a machine whose controller is its only meter; SIGTERM deletes the session', async () => {
  await using bmc = await Bmc.start(xcc(dial()))
  await using host = new Host(vm, { ...GOLDEN_CONFIG, sensors: { redfish: { ...bmc.keys, interval: '5s' } } })
  const agent = await host.start()
  await agent.scrapeUntil(countsBy('redfish'))
  await assertGolden(agent, 'redfish')
  assert.equal(bmc.tokens.size, 1)
  assert.equal(await agent.stop(), 0)
  assert.deepEqual([bmc.tokens.size, bmc.opened, bmc.deleted, bmc.mostInFlight], [0, 1, 1, 1])
  const log = JSON.stringify(agent.log) + agent.stderr
  assert.doesNotMatch(log, /correct-horse|token-1/)
})

test('a controller that hangs costs the other sensors nothing, nor the end', async () => {
  await using bmc = await Bmc.start(xcc(dial()))
  await using host = new Host(
    { ...bare, ...xeon2s },
    { sensors: { redfish: { ...bmc.keys, interval: '5s', deadline: '1s' } } },
  )
  const agent = await host.start()
  await agent.scrapeUntil((samples) => samples.get(WHOLE) === 312)
  bmc.fault = () => true
  await agent.scrapeUntil(
    (samples) => (samples.get('wattledger_sensor_failures_total{sensor="redfish",code="SENSOR_TIMEOUT"}') ?? 0) > 0,
  )
  // A register that is late where the machine of the test is busy is off for a second.
  await agent.scrapeUntil(
    (samples) =>
      Math.abs((samples.get(PACKAGE) ?? 0) - 40) < 10 && samples.get('wattledger_sensor_up{sensor="rapl"}') === 1,
  )
  const askedMs = performance.now()
  assert.equal(await agent.stop(), 0)
  assert.ok(performance.now() - askedMs < 10_000)
})

test('a controller that hangs from the start keeps neither the account nor the end waiting', async () => {
  await using bmc = await Bmc.start(xcc(dial()))
  bmc.fault = () => true
  const sensors = { redfish: { ...bmc.keys, deadline: '60s' } }
  await using host = new Host({ ...bare, ...xeon2s }, { sensors })
  const agent = await host.start()
  await agent.scrapeUntil((samples) => samples.has(PACKAGE))
  const askedMs = performance.now()
  assert.equal(await agent.stop(), 0)
  assert.ok(performance.now() - askedMs < 10_000)
})

test('doctor shows what the controller tells, and leaves no session; of a certificate that it does not know the fingerprint', async () => {
  await using bmc = await Bmc.start(xcc(dial()))
  await using host = new Host(vm)
  const doctor = async (keys: object) => {
    const config = join(host.root, 'doctor.yaml')
    const paths = { sysfs: `${host.root}/sys`, procfs: `${host.root}/proc`, state: host.state }
    writeFileSync(config, stringify({ paths, sensors: { redfish: keys, ipmi: { device: `${host.root}/ipmi0` } } }))
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    const child = spawn(process.execPath, [main, 'doctor', '--json', '--config', config], {
      env: { ...process.env, WATTLEDGER_DOCTOR_AS_SERVICE: 'test' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [output] = await Promise.all([child.stdout.toArray(), once(child, 'exit')])
    const report = JSON.parse(Buffer.concat(output).toString()) as DoctorReport
    const found = report.sources.find(({ sensor }) => sensor === 'redfish')
    return { status: child.exitCode, found, offers: report.offers }
  }
  const { status, found } = await doctor(bmc.keys)
  assert.equal(status, 0)
  assert.ok(found?.usable)
  assert.deepEqual(
    found.channels.map(({ device, meter, now, facts }) => [device, meter, now, facts.machine, facts.source]),
    [
      [
        'bmc',
        'redfish',
        '312.0 W',
        'Lenovo ThinkSystem SR650 V3 J100',
        'PowerControl "Server Power Control".PowerConsumedWatts',
      ],
    ],
  )
  assert.deepEqual([bmc.opened, bmc.deleted], [1, 1])
  const unknown = await doctor({ ...bmc.keys, fingerprint: null })
  assert.ok(unknown.found && !unknown.found.usable)
  assert.match(unknown.found.remedy ?? '', /set sensors\.redfish\.fingerprint: "(?:[\dA-F]{2}:){31}[\dA-F]{2}"/)
  mkdirSync(join(host.root, 'sys/firmware/dmi/tables'), { recursive: true })
  writeFileSync(join(host.root, 'sys/firmware/dmi/tables/DMI'), hostInterface({ address: [169, 254, 0, 17] }))
  const without = await doctor({})
  assert.ok(without.found && !without.found.usable)
  assert.equal(without.found.code, 'SENSOR_ABSENT')
  assert.deepEqual(without.offers, [
    "the firmware says that this machine's controller answers at https://169.254.0.17: set sensors.redfish.url to it, with username and password_file",
  ])
})

test('what a controller tells of the parts counts from then on, and after a restart', async () => {
  const module = { CapacityMiB: 8_192, Status: { State: 'Enabled' } }
  const modules = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`${at + 1}`, module]))
  await using bmc = await Bmc.start(listed(xcc(dial()), '/redfish/v1/Systems/1', 'Memory', modules))
  const redfish = { ...bmc.keys, interval: '5s' }
  await using host = new Host({ ...bare, ...xeon2s }, { sensors: { redfish } })
  const agent = await host.start()
  const told = await agent.logged(({ event }) => event === 'inventory_told')
  assert.match(String(told.message), /^redfish at 127\.0\.0\.1:\d+ tells of 8 memory modules of 64 GB$/)
  const kgOf = ({ log }: Agent) => log.filter(({ event }) => event === 'embodied').map(({ kg }) => Number(kg))
  await agent.logged(({ event, source }) => event === 'embodied' && /as its controller tells/.test(String(source)))
  const [assumed = 0, known = 0] = kgOf(agent)
  assert.ok(known > assumed, 'eight modules rather than the two that are assumed')
  assert.equal(await agent.stop(), 0)
  assert.deepEqual([bmc.opened, bmc.deleted, bmc.mostInFlight], [1, 1, 1])
  const db = new Database(join(host.state, 'ledger.db'), { readonly: true })
  assert.deepEqual(db.prepare("SELECT detail FROM events WHERE what = 'inventory_told'").pluck().all(), [told.message])
  db.close()
  const again = await host.start()
  assert.deepEqual(kgOf(again), [known])
  assert.equal(await again.stop(), 0)
})
