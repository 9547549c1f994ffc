import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { acpiPowerMeter6, graceHopper } from '../fixtures/machines/hwmon.ts'
import type { Machine } from '../fixtures/machines/machine.ts'
import { epyc, laptop, xeon2s } from '../fixtures/machines/rapl.ts'
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
  'vm-with-nothing': { machine: vm, meter: 'estimate' },
}

describe('golden scrape', { concurrency: true }, () => {
  for (const [name, { machine, meter, nvml, smbios = [] }] of Object.entries(cases)) {
    test(name, async () => {
      using gpus = nvml ? await NvmlMachine.create({ control: nvml }) : null
      const sensors = gpus ? { nvml: { library: gpus.library } } : {}
      await using host = new Host(machine, { ...GOLDEN_CONFIG, sensors })
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
