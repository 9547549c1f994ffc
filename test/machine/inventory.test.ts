import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { Host } from '../../src/machine/host.ts'
import { Inventory } from '../../src/machine/inventory.ts'
import { unnamedProcessor } from '../../src/machine/processor.ts'
import { savedPartsText } from '../../src/machine/saved-parts.ts'
import { save } from '../../src/machine/saved-parts-file.ts'
import { toldPath } from '../../src/machine/told-parts-file.ts'
import type { ToldParts } from '../../src/model/told-parts.ts'
import { aHost, asService } from './a-host.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const BMC = '10.0.0.7'
let state = ''
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'wattledger-told-'))
})
afterEach(() => rmSync(state, { recursive: true }))

/** What the controller of `aHost` tells, unless it is said otherwise. */
const told = (differing: Partial<ToldParts> = {}): ToldParts => ({
  sensor: 'redfish',
  teller: BMC,
  dimmsGib: [64, 64, 64],
  suppliesW: [750, 1_100],
  disks: [{ name: 'Dell P5520', gb: 3_840, rotates: false }],
  processors: [{ name: 'Intel Xeon Gold 6152', cores: 22 }],
  chassis: 'rack',
  ...differing,
})

const service = (differing: Partial<Host> = {}): Host => asService(aHost(differing))
const open = (host: Host = service(), teller: string | null = BMC) => Inventory.open(state, host, teller)
const eventsOf = (said: Inventory['said']) => said.map(({ event }) => event)

/** What is known of a machine when its controller has told this. */
async function heard(host: Host, parts: ToldParts) {
  const inventory = await open(host)
  const said = inventory.hear(parts, NOW)
  return { inventory, parts: inventory.parts, said, messages: said.map(({ message }) => message) }
}

test('what nobody else sees is taken from the controller, and is said once', async () => {
  const inventory = await open()
  assert.equal(inventory.parts.knownBy.modules, 'assumed')
  assert.deepEqual(inventory.hear(told(), NOW), [
    {
      event: 'inventory_told',
      message:
        'redfish at 10.0.0.7 tells of 1 processor, 3 memory modules of 192 GB, 1 disk of 3.84 TB, 2 power supplies of 1850 W',
    },
  ])
  const { dimmsGib, areModulesKnown, suppliesW, knownBy } = inventory.parts
  assert.deepEqual([dimmsGib, areModulesKnown, suppliesW], [[64, 64, 64], true, [750, 1_100]])
  assert.deepEqual(knownBy, { processors: 'seen', modules: 'told', disks: 'seen', supplies: 'told' })
  const before = inventory.parts
  assert.deepEqual(inventory.hear(told(), NOW + 86_400_000), [])
  assert.equal(inventory.parts, before)
  assert.equal(inventory.told?.unixMs, NOW + 86_400_000)
})

test('what the machine says itself comes first, now or as root saved it', async () => {
  const other = told({ dimmsGib: [32], suppliesW: [2_000] })
  assert.deepEqual((await heard(aHost(), other)).parts.dimmsGib, [64, 64, 64])
  rmSync(toldPath(state))
  save(state, savedPartsText(aHost(), NOW))
  const { parts, said, messages } = await heard(service(), other)
  assert.deepEqual(
    [parts.dimmsGib, parts.suppliesW],
    [
      [64, 64, 64],
      [750, null],
    ],
  )
  assert.deepEqual([parts.knownBy.modules, parts.knownBy.supplies], ['saved', 'saved'])
  assert.deepEqual(eventsOf(said), ['inventory_told', 'inventory_differs'])
  assert.equal(
    messages[1],
    'redfish at 10.0.0.7 tells of other parts than are known. Known: 3 memory modules of 192 GB; told: 1 memory module of 32 GB; Known: 2 power supplies of 750 W; told: 1 power supply of 2000 W. What is known counts; check that sensors.redfish.url is the controller of this machine',
  )
})

test('a restart keeps what was told, until it is told otherwise', async () => {
  await heard(service(), told())
  const next = await open()
  assert.deepEqual(
    [next.parts.dimmsGib, next.told?.parts, next.told?.unixMs, next.said],
    [[64, 64, 64], told(), NOW, []],
  )
  assert.deepEqual(eventsOf(next.hear(told({ dimmsGib: [64, 64, 65] }), NOW)), ['inventory_told'])
  assert.deepEqual((await open()).parts.dimmsGib, [64, 64, 65])
})

test('what is not told this time stays, and a difference is said again after a restart alone', async () => {
  const { inventory } = await heard(service(), told())
  assert.deepEqual(eventsOf(inventory.hear(told({ dimmsGib: null, suppliesW: null, processors: null }), NOW)), [])
  assert.deepEqual(inventory.parts.dimmsGib, [64, 64, 64])
  const two = told({
    processors: [unnamedProcessor(22), unnamedProcessor(22)].map(({ name, cores }) => ({ name, cores })),
  })
  assert.deepEqual(eventsOf(inventory.hear(two, NOW)), ['inventory_told', 'inventory_differs'])
  assert.deepEqual(eventsOf(inventory.hear({ ...two, chassis: 'rack', suppliesW: [750, 1_101] }, NOW)), [
    'inventory_told',
  ])
  assert.deepEqual(eventsOf((await open()).said), ['inventory_differs'])
})

test('another controller, another product and no controller make nothing of what was told', async () => {
  await heard(service(), told())
  for (const known of [
    await open(service(), '10.0.0.8'),
    await open(service({ product: 'HPE DL380' })),
    await open(service(), null),
  ]) {
    assert.deepEqual([known.told, known.parts.knownBy.modules, known.said], [null, 'assumed', []])
  }
})

test('modules that the memory of the kernel does not fit are not taken, and said', async () => {
  for (const dimmsGib of [[64], [64, 64, 64, 64, 64], new Array<number>(256).fill(4_096)]) {
    const { parts, messages } = await heard(service(), told({ dimmsGib }))
    assert.equal(parts.knownBy.modules, 'assumed')
    assert.match(messages[1] ?? '', /Known: 188 GB of memory; told: \d+ memory modules? of/)
    rmSync(toldPath(state))
  }
})

test('a guest has none of the parts of its host', async () => {
  const { parts } = await heard(service({ isVirtual: true }), told())
  assert.deepEqual([parts.knownBy.modules, parts.suppliesW], ['assumed', null])
})

describe('disks', () => {
  const drive = (gb: number, name = 'PM1643') => ({ name, gb, rotates: false })

  test('of a volume count the drives behind it, and beside them what the controller does not see', async () => {
    const host = service({ disks: [drive(7_681, 'PERC H755 Front'), drive(480, 'DELLBOSS VD'), drive(1_600, 'P5600')] })
    const disks = [...new Array(4).fill(drive(3_840)), drive(480), drive(480)]
    const { parts, said } = await heard(host, told({ disks }))
    assert.deepEqual(parts.disks, [...disks, drive(1_600, 'P5600')])
    assert.deepEqual([parts.knownBy.disks, eventsOf(said)], ['told', ['inventory_told']])
  })

  test('a drive that is seen and told is one', async () => {
    const host = service({ disks: [drive(3_800, 'LOGICAL VOLUME'), drive(1_600.3, 'P5600')] })
    const { parts } = await heard(host, told({ disks: [drive(3_840), drive(3_840), drive(1_600.32)] }))
    assert.equal(parts.disks.length, 3)
  })

  test('fewer drives than the volumes hold are not all of them', async () => {
    const host = service({ disks: [drive(7_681, 'MR9460-16i')] })
    assert.deepEqual((await heard(host, told({ disks: [drive(3_840)] }))).parts.disks, host.disks)
  })

  test('disks that are seen count, more that are told are said, and fewer are not', async () => {
    const host = service({ disks: [drive(3_840)] })
    const more = await heard(host, told({ disks: [drive(3_840), drive(3_840)] }))
    assert.deepEqual(more.parts.disks, [drive(3_840)])
    assert.match(more.messages[1] ?? '', /Known: 1 disk of 3\.84 TB; told: 2 disks of 7\.68 TB/)
    rmSync(toldPath(state))
    assert.deepEqual(eventsOf((await heard(host, told({ disks: [drive(960)] }))).said), ['inventory_told'])
  })

  test('a machine without disks of its own kernel has those that are told', async () => {
    assert.deepEqual((await heard(service({ disks: [] }), told())).parts.disks, told().disks)
  })
})

test('where the kernel names no sockets, the controller does', async () => {
  const arm = service({ processors: [unnamedProcessor(160)] })
  const processors = [1, 2].map(() => ({ name: 'Ampere Altra Q80-30', cores: 80 }))
  const { parts } = await heard(arm, told({ processors }))
  assert.deepEqual(
    parts.processors.map(({ name, cores }) => [name, cores]),
    [
      ['Ampere Altra Q80-30', 80],
      ['Ampere Altra Q80-30', 80],
    ],
  )
  assert.equal(parts.knownBy.processors, 'told')
})

test('a chassis of several machines is told where nobody else says, and a difference where somebody does', async () => {
  const untyped = await heard(service({ chassisType: null }), told({ chassis: 'node' }))
  assert.equal(untyped.parts.chassis, 'node')
  rmSync(toldPath(state))
  const typed = await heard(service(), told({ chassis: 'node' }))
  assert.equal(typed.parts.chassis, 'rack')
  assert.match(typed.messages[1] ?? '', /Known: a chassis of its own; told: one of several machines in a chassis/)
})

test('the file is of one piece, of a group that reads, and without serial numbers', async () => {
  await heard(service(), told())
  assert.deepEqual(readdirSync(state), ['inventory-told.json'])
  assert.equal(statSync(toldPath(state)).mode & 0o777, 0o640)
  assert.doesNotMatch(readFileSync(toldPath(state), 'utf8'), /serial|uuid/i)
})

test('what is damaged, endless, of a later version or no file at all is ignored, and said', async () => {
  await heard(service(), told())
  const text = readFileSync(toldPath(state), 'utf8')
  const spoilt = [
    '',
    '{',
    'null',
    '[]',
    text.slice(0, 200),
    text.replace('"version": 1', '"version": 2'),
    text.replace('64,', '"64",'),
    text.replace('64,', '-64,'),
    text.replace('64,', '1e99,'),
    text.replace('"rack"', '"tower"'),
    text.replace('Dell P5520', 'Dell \\u001b[2J'),
    text.replace('"rotates": false', '"rotates": 0'),
    text.replace('2026-03-01T12', 'yesterday'),
    text.replace('"teller": "10.0.0.7"', '"teller": null'),
    ' '.repeat(300_000),
  ]
  for (const content of spoilt) {
    writeFileSync(toldPath(state), content)
    const { told, said } = await open()
    assert.equal(told, null, content.slice(0, 80))
    assert.match(said[0]?.message ?? '', /inventory-told\.json is not used: .+ It is written anew when/)
  }
  rmSync(toldPath(state))
  execFileSync('mkfifo', [toldPath(state)])
  assert.match((await open()).said[0]?.message ?? '', /is no regular file/)
  rmSync(toldPath(state))
  symlinkSync('/dev/null', toldPath(state))
  assert.match((await open()).said[0]?.message ?? '', /ELOOP/)
})

test('where nothing can be kept, what is told counts until the end, and that is said', async () => {
  const { inventory } = await heard(service(), told())
  rmSync(state, { recursive: true })
  const said = inventory.hear(told({ suppliesW: [800, 800] }), NOW)
  assert.deepEqual(eventsOf(said), ['inventory_unwritten', 'inventory_told'])
  assert.deepEqual(inventory.parts.suppliesW, [800, 800])
  state = mkdtempSync(join(tmpdir(), 'wattledger-told-'))
})
