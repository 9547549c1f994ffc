import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { NvmlMachine } from '../fixtures/nvml/machine.ts'
import { powerReading, VmBmc } from '../sensors/ipmi/vm-bmc.ts'
import { Host } from './agent.ts'
import { bare, vm } from './bare.ts'
import { assertGolden, countsBy, GOLDEN_CONFIG } from './golden.ts'
import { ledgerJoules } from './ledger-joules.ts'
import { deadMemory, xeonPair } from './machines.ts'

/** Golden scrapes of machines to which something happens: see machines.system.ts. */

const TWO_GPUS = ['gpus 2', 'gpu 0 rate-mw 300000', 'gpu 1 rate-mw 150000']
const PATIENCE_MS = 120_000
/** Whatever its quality. */
const acceleratorsJ = (samples: ReadonlyMap<string, number>) =>
  [...samples].reduce(
    (sum, [name, value]) => (/part_energy_joules_total.*"accelerators"/.test(name) ? sum + value : sum),
    0,
  )

const sourceOf = (part: string, hardware: string, source: string) => (samples: ReadonlyMap<string, number>) =>
  samples.get(`wattledger_node_part_source_info{part="${part}",hardware="${hardware}",source="${source}"}`) === 1

describe('golden scrape', { concurrency: true }, () => {
  test('dead-memory-zones: they cost the machine neither its processors nor a model of its memory', async () => {
    await using host = new Host({ ...bare, ...deadMemory }, GOLDEN_CONFIG)
    const agent = await host.start()
    await agent.scrapeUntil(countsBy('components', 2), PATIENCE_MS)
    await assertGolden(agent, 'dead-memory-zones')
    assert.equal(await agent.stop(), 0)
  })

  test('socket-lost, and back: it is waited for, and its counter brings what it missed', async () => {
    await using host = new Host({ ...bare, ...xeonPair }, GOLDEN_CONFIG)
    const agent = await host.start()
    await agent.scrapeUntil(countsBy('components'))
    host.lose('intel-rapl:1')
    await agent.scrapeUntil(sourceOf('processors', 'socket-1', 'waiting'), PATIENCE_MS)
    await assertGolden(agent, 'socket-lost')
    host.lose('intel-rapl:1', false)
    // Both count the same, and a sweep may fall between the steps of the two. A scrape shows all of it after a flush.
    await agent.scrapeUntil((samples) => {
      const [first = 0, second = 0] = [0, 1].map((socket) =>
        samples.get(`wattledger_energy_joules_total{sensor="rapl",scope="package",device="package-${socket}"}`),
      )
      return countsBy('components')(samples) && Math.abs(second - first) < 10
    }, PATIENCE_MS)
    assert.equal(await agent.stop(), 0)
  })

  test('gpu-lost, and back: the other one goes on', async () => {
    using gpus = await NvmlMachine.create({ control: TWO_GPUS })
    await using host = new Host(vm, { ...GOLDEN_CONFIG, sensors: { nvml: { library: gpus.library } } })
    const agent = await host.start()
    await agent.scrapeUntil(countsBy('components'))
    gpus.control(...TWO_GPUS, 'gpu 1 lost')
    await agent.scrapeUntil((samples) => !sourceOf('accelerators', '0000:18:00.0', 'nvml')(samples), PATIENCE_MS)
    await assertGolden(agent, 'gpu-lost')
    gpus.control(...TWO_GPUS)
    await agent.scrapeUntil(countsBy('components'), PATIENCE_MS)
    await assertGolden(agent, 'gpu-lost-and-back')
    assert.equal(await agent.stop(), 0)
  })

  test('bmc-without-gpus: it tells less than the GPUs alone, and the parts count', async () => {
    await using bmc = await VmBmc.start()
    bmc.say('2c/02', powerReading(200))
    using gpus = await NvmlMachine.create({ control: TWO_GPUS })
    const sensors = { nvml: { library: gpus.library }, ipmi: { device: bmc.url, interval: '1s' } }
    await using host = new Host(vm, { ...GOLDEN_CONFIG, sensors })
    const agent = await host.start()
    await agent.scrapeUntil(countsBy('dcmi'), PATIENCE_MS)
    const fromS = Date.now() / 1e3
    await agent.scrapeUntil((samples) => samples.get('wattledger_node_parts_exceed_meter') === 1, PATIENCE_MS)
    // Not up to now, of which the ledger need not have all yet.
    const untilS = Date.now() / 1e3 - 10
    const watts = ledgerJoules(host.ledger, fromS, untilS) / (untilS - fromS)
    assert.ok(watts > 440, `${watts} W of 450 W`)
    await agent.scrapeUntil(countsBy('components'), PATIENCE_MS)
    await assertGolden(agent, 'bmc-without-gpus')
    assert.equal(await agent.stop(), 0)
  })

  test('MIG on and off, with the reset that it takes, and memory that grows: no total falls, and nothing counts twice', async () => {
    const gpu = ['gpus 1', 'gpu 0 rate-mw 300000']
    using gpus = await NvmlMachine.create({ control: gpu })
    await using host = new Host(vm, { ...GOLDEN_CONFIG, sensors: { nvml: { library: gpus.library } } })
    const beganMs = performance.now()
    const agent = await host.start()
    await agent.scrapeUntil(countsBy('components'), PATIENCE_MS)
    const shown = new Map<string, number>()
    const untilDrawn = async (joules: number) => {
      const enough = acceleratorsJ(shown) + joules
      await agent.scrapeUntil((samples) => {
        for (const [name, value] of samples) {
          if (!/_total(\{|$)/.test(name) || !/energy|unaccounted|resets|wraps/.test(name)) continue
          assert.ok(value >= (shown.get(name) ?? 0), `${name} fell from ${shown.get(name)} to ${value}`)
          shown.set(name, value)
        }
        return acceleratorsJ(samples) >= enough
      }, PATIENCE_MS)
    }
    await untilDrawn(600)
    for (const instances of [4, 0]) {
      gpus.control(...gpu, `gpu 0 mig ${instances}`)
      writeFileSync(join(host.root, 'proc/meminfo'), `MemTotal: ${65_536_000 * (1 + instances)} kB\nMemFree: 1000 kB\n`)
      await untilDrawn(600)
      gpus.control(...gpu, `gpu 0 mig ${instances}`, 'gpu 0 lost')
      await agent.scrapeUntil((samples) => !sourceOf('accelerators', '0000:17:00.0', 'nvml')(samples), PATIENCE_MS)
      gpus.control(...gpu, `gpu 0 mig ${instances}`)
      await untilDrawn(600)
    }
    const drawnJ = acceleratorsJ(shown)
    const mostJ = 0.3 * (performance.now() - beganMs)
    assert.ok(drawnJ <= mostJ * 1.02, `${drawnJ} J of ${mostJ} J that a GPU of 300 W can have drawn`)
    assert.doesNotMatch([...shown.keys()].join('\n'), /MIG-/)
    assert.equal(await agent.stop(), 0)
  })
})
