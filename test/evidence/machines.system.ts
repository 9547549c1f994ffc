import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Firmware, genoa, HsmpMachine } from '../fixtures/hsmp.ts'
import { amdCard, gpuMetrics } from '../fixtures/machines/amdgpu.ts'
import { Blade, crayEx } from '../fixtures/machines/cray.ts'
import { acpiPowerMeter6, amdgpuBoard, graceHopper } from '../fixtures/machines/hwmon.ts'
import type { Machine } from '../fixtures/machines/machine.ts'
import { epyc, laptop, processor, xeon2s } from '../fixtures/machines/rapl.ts'
import { armServer } from '../fixtures/machines/scmi.ts'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { chassis, END, powerSupply } from '../machine/smbios-table.ts'
import { Host } from './agent.ts'
import { bare, vm } from './bare.ts'
import { assertGolden, countsBy, GOLDEN_CONFIG } from './golden.ts'

interface Case {
  readonly machine: Machine
  readonly meter: string
  /** Control file of the NVML library; without one there is none. */
  readonly nvml?: readonly string[]
  readonly smbios?: readonly Buffer[]
  /** What the firmware of its processors tells. */
  readonly hsmp?: Firmware
  /** A Cray's, whose blade renews its counters. */
  readonly isBlade?: boolean
}

/** A graphics card that hwmon reads too, and an MI300X whose table tells no energy. */
const amdCards: Machine = {
  ...amdgpuBoard,
  ...amdCard({
    place: 'pci0000:00/0000:00:01.1/0000:03:00.0',
    model: '0x744c',
    pciClass: '0x030000',
    metrics: gpuMetrics('1.3', { power: 38 }),
  }),
  ...amdCard({
    place: 'pci0000:40/0000:40:01.1/0000:45:00.0',
    model: '0x74a1',
    pciClass: '0x120000',
    metrics: gpuMetrics('1.5', { power: 141 }),
  }),
}

/** Two sockets whose RAPL is root's alone. */
const genoa2s: Machine = {
  ...bare,
  ...processor({
    vendor: 'AuthenticAMD',
    family: 25,
    model: 17,
    name: 'AMD EPYC 9654 96-Core Processor',
    flags: 'fpu tsc msr constant_tsc rapl',
    packages: 2,
    cpusPerPackage: 2,
  }),
}

/** One of several nodes, whose firmware tells of the supplies of all. */
const NODE_OF_FOUR = [
  chassis(25),
  powerSupply({ present: true, watts: 2_000 }),
  powerSupply({ present: true, watts: 2_000 }),
]

const cases: Record<string, Case> = {
  'xeon-2s-dram': { machine: { ...bare, ...xeon2s }, meter: 'psys' },
  epyc: { machine: { ...bare, ...epyc }, meter: 'components' },
  'four-node-chassis': { machine: { ...bare, ...epyc }, meter: 'components', smbios: NODE_OF_FOUR },
  'laptop-psys-mmio': { machine: { ...bare, ...laptop }, meter: 'psys' },
  'grace-hwmon': { machine: { ...bare, ...graceHopper }, meter: 'components' },
  'grace-hopper': {
    machine: { ...bare, ...graceHopper },
    meter: 'components',
    nvml: ['gpus 1', 'gpu 0 c2c 1', 'gpu 0 rate-mw 230000'],
  },
  'acpi-power-meter': { machine: { ...vm, ...acpiPowerMeter6 }, meter: 'acpi' },
  'gpu-vm': { machine: vm, meter: 'components', nvml: ['gpus 2', 'gpu 0 rate-mw 300000', 'gpu 1 rate-mw 150000'] },
  'amd-cards': { machine: { ...bare, ...epyc, ...amdCards }, meter: 'components' },
  'epyc-by-hsmp': { machine: genoa2s, meter: 'components', hsmp: genoa },
  'cray-ex': { machine: { ...bare, ...crayEx }, meter: 'cray', isBlade: true },
  'arm-scmi': { machine: { ...bare, ...armServer }, meter: 'components' },
  'vm-with-nothing': { machine: vm, meter: 'estimate' },
}

describe('golden scrape', { concurrency: true }, () => {
  for (const [name, { machine, meter, nvml, hsmp, isBlade = false, smbios = [] }] of Object.entries(cases)) {
    test(name, async () => {
      using gpus = nvml ? await NvmlMachine.create({ control: nvml }) : null
      await using port = hsmp ? await HsmpMachine.create(hsmp) : null
      const sensors = {
        ...(gpus && { nvml: { library: gpus.library } }),
        ...(port && { hsmp: { device: port.device } }),
      }
      await using host = new Host(machine, { ...GOLDEN_CONFIG, sensors })
      using _blade = isBlade ? new Blade(host.root) : null
      const tables = join(host.root, 'sys/firmware/dmi/tables')
      mkdirSync(tables, { recursive: true })
      if (smbios.length > 0) writeFileSync(join(tables, 'DMI'), Buffer.concat([...smbios, END]))
      const agent = await host.start()
      await agent.scrapeUntil(countsBy(meter))
      await assertGolden(agent, name)
      assert.equal(await agent.stop(), 0)
    })
  }
})
