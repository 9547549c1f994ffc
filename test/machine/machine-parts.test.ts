import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { inventoryOf } from '../../src/carbon/embodied/inventory.ts'
import { readHost } from '../../src/machine/host.ts'
import { type MachineParts, partsOf } from '../../src/machine/machine-parts.ts'
import { memoryDevice, powerSupply } from './smbios-table.ts'

type Files = Readonly<Record<string, string | Buffer | { readonly link: string }>>

/** Reads a machine whose files stand below one root. */
function read(files: Files): MachineParts {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-parts-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, join(root, path))
      else writeFileSync(join(root, path), content)
    }
    return partsOf(readHost({ sysfs: join(root, 'sys'), procfs: join(root, 'proc') }), null)
  } finally {
    rmSync(root, { recursive: true })
  }
}

const thread = (cpu: number, socket: number, more = ''): string =>
  `processor\t: ${cpu}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel Xeon Gold 6152\n` +
  `physical id\t: ${socket}\ncpu cores\t: 22\nflags\t\t: fpu vme${more}\n`

const SERVER: Files = {
  'proc/cpuinfo': [thread(0, 0), thread(1, 1), thread(2, 0), thread(3, 1)].join('\n'),
  'proc/meminfo': 'MemTotal:       197589376 kB\n',
  'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
  'sys/class/dmi/id/product_name': 'PowerEdge R740\n',
  'sys/class/dmi/id/chassis_type': '23\n',
  ...gpu('0000:3b:00.0', '0x10de', '0x2330', '0x030200'),
  ...gpu('0000:86:00.0', '0x10de', '0x2330', '0x030200'),
  // The display of the BMC.
  ...gpu('0000:03:00.0', '0x102b', '0x0536', '0x030000'),
}

function gpu(address: string, vendor: string, device: string, pciClass: string): Files {
  const folder = `sys/bus/pci/devices/${address}`
  return { [`${folder}/vendor`]: vendor, [`${folder}/device`]: device, [`${folder}/class`]: pciClass }
}

interface BlockDevice {
  readonly sectors: number
  readonly rotational?: 0 | 1
  readonly removable?: 0 | 1
  readonly model?: string
}

/** A disk as sysfs shows it: a folder with a link to the device that it is. */
function block(name: string, at: string, { sectors, rotational = 0, removable = 0, model }: BlockDevice): Files {
  const folder = `sys/class/block/${name}`
  return {
    [`${folder}/size`]: `${sectors}\n`,
    [`${folder}/queue/rotational`]: `${rotational}\n`,
    [`${folder}/removable`]: `${removable}\n`,
    [`sys/devices/${at}/model`]: `${model ?? name}\n`,
    [`${folder}/device`]: { link: `../../../devices/${at}` },
  }
}

test('a server as the service sees it', () => {
  const parts = read(SERVER)
  assert.equal(parts.product, 'Dell Inc. PowerEdge R740')
  assert.deepEqual(
    [parts.isVirtual, parts.chassis, parts.areModulesKnown, parts.suppliesW],
    [false, 'rack', false, null],
  )
  assert.deepEqual(
    parts.processors.map(({ name, cores }) => [name, cores]),
    [
      ['Intel Xeon Gold 6152', 22],
      ['Intel Xeon Gold 6152', 22],
    ],
  )
  // 188.4 GiB are left of 192.
  assert.deepEqual(parts.dimmsGib, [32, 32, 32, 32, 32, 32])
  assert.equal(parts.memoryGb.toFixed(1), '202.3')
  assert.deepEqual(parts.gpus, [
    { address: '0000:3b:00.0', vendor: 0x10de, device: 0x2330, name: null },
    { address: '0000:86:00.0', vendor: 0x10de, device: 0x2330, name: null },
  ])
})

test('the firmware names modules and supplies to those who may read it', () => {
  const table = Buffer.concat([memoryDevice({ sizeMb: 65_536 }), powerSupply({ present: true })])
  const parts = read({ ...SERVER, 'sys/firmware/dmi/tables/DMI': table })
  assert.deepEqual([parts.dimmsGib, parts.suppliesW, parts.areModulesKnown], [[64], [null], true])
  assert.equal(parts.memoryGb, (64 * 2 ** 30) / 1e9, 'what is installed, and not what the kernel leaves of it')
})

test('disks of this machine count, and nothing else that is a block device', () => {
  const { disks } = read({
    ...block('nvme0n1', 'pci0000:00/nvme/nvme0', { sectors: 7_501_476_528, model: 'Dell P5520' }),
    ...block('nvme0c0n1', 'pci0000:00/nvme/nvme0', { sectors: 7_501_476_528, model: 'Dell P5520' }),
    ...block('sda', 'pci0000:00/ata1/0:0:0:0', { sectors: 15_628_053_168, rotational: 1, model: 'ST8000NM' }),
    ...block('sdb', 'pci0000:00/usb1/1:0:0:0', { sectors: 60_000_000, removable: 1 }),
    ...block('sdc', 'platform/host3/session1/3:0:0:1', { sectors: 4_000_000_000 }),
    ...block('sdd', 'pci0000:00/host5/rport-5:0-1/5:0:0:1', { sectors: 4_000_000_000 }),
    ...block('sr0', 'pci0000:00/ata2/1:0:0:0', { sectors: 0, rotational: 1 }),
    ...block('sda1', 'pci0000:00/ata1/0:0:0:0', { sectors: 2_048, model: 'ST8000NM' }),
    'sys/class/block/sda1/partition': '1\n',
    'sys/class/block/loop0/size': '100000\n',
    'sys/class/block/md0/size': '100000\n',
  })
  assert.deepEqual(disks, [
    { name: 'Dell P5520', gb: 3_840.755982336, rotates: false },
    { name: 'ST8000NM', gb: 8_001.563222016, rotates: true },
  ])
})

test('a guest is told by its CPUs or by its firmware, and a bare-metal instance is none', () => {
  assert.equal(read({ 'proc/cpuinfo': thread(0, 0, ' hypervisor') }).isVirtual, true)
  const named = (vendor: string, product: string): boolean =>
    read({ 'sys/class/dmi/id/sys_vendor': vendor, 'sys/class/dmi/id/product_name': product }).isVirtual
  assert.equal(named('QEMU', 'KVM Virtual Machine'), true)
  assert.equal(named('Amazon EC2', 'c7g.large'), true)
  assert.equal(named('Amazon EC2', 'c7g.metal'), false)
  assert.equal(named('HPE', 'ProLiant RL300 Gen11'), false)
})

test('a machine that says nothing has what every machine has', () => {
  const { components, kg, lowKg, highKg } = inventoryOf(read({}))
  assert.deepEqual(components.map(({ part }) => part).sort(), ['assembly', 'board', 'chassis', 'processor', 'supply'])
  assert.ok(lowKg < kg && kg < highKg)
})

test('the inventory adds up, largest first, with like parts together', () => {
  const { components, kg, lowKg, highKg } = inventoryOf(read(SERVER))
  const add = (pick: (component: (typeof components)[number]) => number): number =>
    components.reduce((sum, component) => sum + pick(component), 0)
  assert.ok(Math.abs(add((one) => one.kg) - kg) < 1e-9)
  assert.ok(Math.abs(add((one) => one.lowKg) - lowKg) < 1e-9)
  assert.ok(Math.abs(add((one) => one.highKg) - highKg) < 1e-9)
  assert.ok(Math.abs(add((one) => one.share) - 1) < 1e-9)
  const sizes = components.map((one) => one.kg)
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  )
  const counts = Object.fromEntries(components.map(({ part, count }) => [part, count]))
  assert.deepEqual(counts, { gpu: 2, memory: 6, chassis: 1, supply: 2, board: 1, processor: 2, assembly: 1 })
})
