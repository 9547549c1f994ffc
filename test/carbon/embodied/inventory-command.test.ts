import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { inventory } from '../../../src/commands/inventory.ts'
import type { InventoryReport } from '../../../src/commands/inventory-report.ts'
import { run } from '../../../src/commands/run.ts'
import { memoryDevice, powerSupply } from '../../machine/smbios-table.ts'

const CPU =
  'processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763\ncpu cores\t: 64\n'
const NOW = Date.parse('2026-03-01T00:00:00Z')

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A machine, and what the command says of it each time that it is called. */
class Machine implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'wattledger-inventory-'))
  readonly #embodied: string

  constructor(embodied: string, cpu = CPU) {
    this.write('proc/cpuinfo', cpu)
    this.write('proc/meminfo', 'MemTotal:       129000000 kB\n')
    this.#embodied = embodied
    this.configure('{}')
  }

  configure(sensors: string): void {
    const paths = `{ sysfs: ${this.root}/sys, procfs: ${this.root}/proc, state: ${this.root}/state }`
    this.write('c.yaml', `paths: ${paths}\ncarbon: { embodied: ${this.#embodied} }\nsensors: ${sensors}\n`)
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  async run(
    options: { json?: boolean; save?: boolean; options?: Readonly<Record<string, unknown>> } = {},
  ): Promise<Outcome> {
    let [out, err] = ['', '']
    const stdout = { write: (text: string) => (out += text) }
    const stderr = { write: (text: string) => (err += text) }
    const about = { json: false, save: false, ...options, env: {}, stdout, stderr, unixMs: () => NOW }
    const code = await run(() => inventory, { file: join(this.root, 'c.yaml'), ...about })
    return { code, out, err }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true })
  }
}

async function inventoryOf(embodied: string, { json = false, cpu = CPU } = {}): Promise<Outcome> {
  using machine = new Machine(embodied, cpu)
  return await machine.run({ json })
}

test('a table of hotspots, and what counts', async () => {
  const { code, out } = await inventoryOf('auto')
  assert.equal(code, 0)
  const [, , head, first] = out.split('\n')
  assert.match(head ?? '', /^part +count +kg CO2e +95 % interval +share +name +source$/)
  assert.match(first ?? '', /^memory +4 +\d+\.\d +\d+ to \d+ +\d+\.\d % +module of 32 GB +Boavizta/)
  assert.match(
    out,
    /^Embodied: \d+\.\d kg CO2e \(95 % interval: \d+ to \d+\)\. Source: inventory of its parts; data quality 4/m,
  )
  assert.match(
    out,
    /^Written off over 4 years at \d+\.\d g per hour, from the start of the ledger until all of it is booked\.$/m,
  )
  assert.match(out, /^Note: memory modules and power supplies are assumed: the firmware lists them to root alone/m)
})

test('as JSON, with what a dated machine has left', async () => {
  const { code, out } = await inventoryOf('{ total_kg: 1000, commissioned: 2024-03-01 }', { json: true })
  assert.equal(code, 0)
  const { embodied, components, isVirtual } = JSON.parse(out) as InventoryReport
  assert.equal(isVirtual, false)
  assert.equal(components.length, 6)
  assert.deepEqual([embodied?.kg, embodied?.lowKg, embodied?.highKg, embodied?.dataQuality], [1_000, 500, 2_000, 1])
  // Two years of four.
  assert.equal(embodied?.remainingKg, 500)
  assert.equal(embodied?.gPerHour.toFixed(1), '28.5')
})

test('a guest, and a machine that shall not count', async () => {
  const guest = await inventoryOf('auto', { cpu: `${CPU}flags\t\t: fpu hypervisor\n` })
  assert.match(guest.out, /No embodied carbon is counted\.\nNote: a virtual machine has no parts of its own/)
  assert.match((await inventoryOf('none')).out, /No embodied carbon is counted\.\nNote: carbon\.embodied is none/)
})

test('stages of its life, of which one counts', async () => {
  const { out } = await inventoryOf('{ source: PCF, stages: { manufacturing_kg: 1000, transport_kg: 40 } }')
  assert.match(out, /^Embodied: 1000\.0 kg CO2e \(95 % interval: 500 to 2000\)\. Source: PCF;/m)
  assert.match(out, /^raw material and manufacturing +category 2 +1000\.0 +500 to 2000 +yes +PCF$/m)
  assert.match(out, /^transport to the site +category 4 +40\.0 +20 to 80 +no +PCF$/m)
  assert.match(out, /^end of life +category 5 or 12 +17\.9 +7 to 47 +no +six product carbon footprints/m)
  assert.doesNotMatch((await inventoryOf('none')).out, /stage|What if/)
})

test('what another lifetime would change, in text and as JSON', async () => {
  using machine = new Machine('{ total_kg: 1200, source: PCF }')
  const text = (await machine.run({ options: { lifetime: '6' } })).out
  assert.match(text, /^What if it lasted 6 years instead of 4\?$/m)
  assert.match(
    text,
    /^A year: 200\.0 kg CO2e instead of 300\.0\. In 6 years: 1200\.0 kg instead of 1800\.0 by machines like this one each 4 years, 600\.0 kg less\.$/m,
  )
  assert.match(
    text,
    /^Break-even: each extra year saves 300\.0 kg, the electricity of \d+ kWh at 473 g\/kWh \(world-average,/m,
  )
  const memory = { lifetime: '6', renew: 'memory' }
  const { components, whatIf } = JSON.parse((await machine.run({ json: true, options: memory })).out) as InventoryReport
  const memoryKg = components.find(({ part }) => part === 'memory')?.kg ?? assert.fail('no memory')
  assert.deepEqual(
    [whatIf?.renewedKg, whatIf?.totalAfterKg, whatIf?.paidBackYears],
    [memoryKg, 1_200 + memoryKg, memoryKg / 300],
  )
  const used = (await machine.run({ options: { ...memory, refurbished: true } })).out
  assert.match(used, /^What if .*, with refurbished memory, whose making is written off\?$/m)
  assert.match(used, /600\.0 kg less\.$/m)
})

test('a lifetime that makes no sense is refused with 2, and nothing is printed', async () => {
  using machine = new Machine('auto')
  for (const [options, said] of [
    [{ lifetime: '0' }, '--lifetime: expected years from 1 to 30, such as 6, received "0"'],
    [{ lifetime: '1e1' }, '--lifetime: expected years from 1 to 30, such as 6, received "1e1"'],
    [
      { lifetime: '6', renew: 'memroy' },
      '--renew: expected some of processor, memory, ssd, hdd, gpu, supply, board, received "memroy" (did you mean memory?)',
    ],
    [
      { lifetime: '6', renew: 'gpu' },
      '--renew: this machine has no gpu in its inventory: it has processor, memory, supply, board',
    ],
    [{ renew: 'ssd' }, '--renew needs --lifetime: the years that the machine is to last'],
    [
      { lifetime: '6', refurbished: true },
      '--refurbished needs --renew: the parts that are renewed, such as memory,ssd',
    ],
  ] as const) {
    assert.deepEqual(await machine.run({ options }), { code: 2, out: '', err: `error: ${said}\n` })
  }
  assert.equal((await machine.run({ save: true, options: { lifetime: '6' } })).code, 2)
  const guest = new Machine('auto', `${CPU}flags\t\t: fpu hypervisor\n`)
  const { code, err } = await guest.run({ options: { lifetime: '6' } })
  guest[Symbol.dispose]()
  assert.equal(code, 2)
  assert.match(err, /no embodied carbon is counted for this machine/)
})

test('a wrong configuration is refused with 78', async () => {
  const { code, out, err } = await inventoryOf('{ total_kg: none }')
  assert.deepEqual([code, out], [78, ''])
  assert.match(err, /carbon\.embodied\.total_kg: expected a number from 0 to 1000000 or null, received "none"/)
})

const TABLE = 'sys/firmware/dmi/tables/DMI'
const MODULES = Array.from({ length: 4 }, () => memoryDevice({ sizeMb: 32_768 }))
const supplies = (watts: number): Buffer[] => [1, 2].map(() => powerSupply({ present: true, watts }))

test('what root saves counts for those who see less, and a difference is said', async () => {
  using machine = new Machine('auto')
  machine.write(TABLE, Buffer.concat([...MODULES, ...supplies(800)]))
  const { code, out } = await machine.run({ save: true })
  assert.equal(code, 0)
  assert.equal(
    out,
    `saved in ${machine.root}/state/inventory.json: memory modules 4, power supplies 2, disks 0, GPUs 0\n`,
  )
  const asRoot = (await machine.run()).out
  assert.match(asRoot, /^supply +2 .* power supply of 800 W /m)
  assert.doesNotMatch(asRoot, /^Note/m)
  rmSync(join(machine.root, TABLE))
  const asService = (await machine.run()).out
  const note = 'Note: memory modules and power supplies are as root saw them at 2026-03-01T00:00:00.000Z.\n'
  assert.equal(asService, `${asRoot}${note}`)
  machine.write('proc/meminfo', 'MemTotal:       260000000 kB\n')
  assert.match(
    (await machine.run()).out,
    /^Note: .*not used: it is of an earlier boot\. Saved: 4 memory modules of 128 GB/m,
  )
})

test('supplies that feed more than this machine are said', async () => {
  using machine = new Machine('auto')
  machine.write(TABLE, Buffer.concat([...MODULES, ...supplies(2_000)]))
  assert.match((await machine.run()).out, /^Note: the power supplies feed more than this machine or are far bigger/m)
})

test('a folder that cannot be written is a failure of one line', async () => {
  using machine = new Machine('auto')
  machine.write('state', 'a file')
  const { code, out, err } = await machine.run({ save: true })
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^wattledger: \/\S+\/state\/inventory\.json cannot be written: E.*\n$/)
})

test('parts that the controller told are named with it, and what does not fit is a note', async () => {
  using machine = new Machine('auto')
  machine.write(
    'state/inventory-told.json',
    JSON.stringify({
      version: 1,
      toldAt: '2026-02-28T10:00:00.000Z',
      product: null,
      sensor: 'redfish',
      teller: '10.0.0.7',
      dimmsGib: [64, 64],
      suppliesW: [1_400, 1_400],
      disks: null,
      processors: [1, 2].map(() => ({ name: 'AMD EPYC 7763', cores: 64 })),
      chassis: 'rack',
    }),
  )
  machine.configure('{ redfish: { url: "https://10.0.0.7" } }')
  const { out } = await machine.run()
  assert.match(out, /^memory +2 .+ module of 64 GB /m)
  assert.match(out, /^supply +2 .+ power supply of 1400 W /m)
  assert.match(out, /Source: inventory of its parts, as its controller tells;/)
  assert.match(
    out,
    /^Note: memory modules and power supplies are as redfish at 10\.0\.0\.7 told them at 2026-02-28T10:00:00\.000Z\.$/m,
  )
  assert.match(out, /^Note: redfish at 10\.0\.0\.7 tells of other parts .+ Known: 1 processor; told: 2 processors\./m)
  assert.doesNotMatch(out, /are assumed/)
  const { knownBy } = JSON.parse((await machine.run({ json: true })).out) as InventoryReport
  assert.deepEqual(knownBy, {
    processors: 'seen',
    modules: 'told',
    disks: 'seen',
    supplies: 'told',
    teller: 'redfish at 10.0.0.7',
  })
  for (const other of [
    '{ redfish: { url: "https://10.0.0.8" } }',
    '{ redfish: { url: "https://10.0.0.7", enabled: false } }',
    '{}',
  ]) {
    machine.configure(other)
    assert.match((await machine.run()).out, /memory modules and power supplies are assumed/)
  }
})
