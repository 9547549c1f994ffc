import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { epyc } from '../fixtures/machines/rapl.ts'
import { Host, sumOf } from './agent.ts'
import { bare } from './bare.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-meters-'))
after(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
  return path
}

const hostWith = (...inputs: readonly object[]) => new Host({ ...bare, ...epyc }, { sensors: { file: { inputs } } })

test('a smart plug that another program writes down is the meter of the machine', async () => {
  const path = write('watts', '400.5\n')
  await using host = hostWith({ path, unit: 'W', scope: 'ac_in', device: 'plug' })
  const agent = await host.start()
  const samples = await agent.scrapeUntil(
    (samples) =>
      (samples.get('wattledger_node_energy_joules_total{quality="measured"}') ?? 0) > 0 &&
      samples.get('wattledger_node_power_watts') === 400.5,
  )
  assert.match([...samples.keys()].join('\n'), /wattledger_node_info\{.*meter="file"/)
  assert.equal(samples.get('wattledger_power_watts{sensor="file",scope="ac_in",device="plug"}'), 400.5)
  assert.equal(await agent.stop(), 0)
})

test("a card that another program writes down counts beside RAPL's processors", async () => {
  const path = write('card', '250\n')
  await using host = hostWith({ path, unit: 'W', scope: 'gpu', device: 'card', hardware: '0000:3b:00.0' })
  const agent = await host.start()
  const energyOf = (part: string) => `wattledger_node_part_energy_joules_total{part="${part}",quality="measured"}`
  // The card and a processor of 40 W.
  const samples = await agent.scrapeUntil(
    (samples) =>
      ['processors', 'accelerators'].every((part) => (samples.get(energyOf(part)) ?? 0) > 0) &&
      sumOf(samples, 'wattledger_node_power_watts') > 250 + 35,
  )
  assert.match([...samples.keys()].join('\n'), /wattledger_node_info\{.*meter="components"/)
  assert.equal(await agent.stop(), 0)
})
