import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type InventoryReport, inventory } from '../../../src/commands/inventory.ts'

const CPU =
  'processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763\ncpu cores\t: 64\n'
const NOW = Date.parse('2026-03-01T00:00:00Z')

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(embodied: string, { json = false, cpu = CPU } = {}): Outcome {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-inventory-'))
  try {
    for (const folder of ['proc', 'sys']) mkdirSync(join(root, folder))
    writeFileSync(join(root, 'proc/cpuinfo'), cpu)
    writeFileSync(join(root, 'proc/meminfo'), 'MemTotal:       129000000 kB\n')
    const paths = `{ sysfs: ${root}/sys, procfs: ${root}/proc }`
    writeFileSync(join(root, 'c.yaml'), `paths: ${paths}\ncarbon: { embodied: ${embodied} }\n`)
    let [out, err] = ['', '']
    const stdout = { write: (text: string) => (out += text) }
    const stderr = { write: (text: string) => (err += text) }
    const env = { HOME: root }
    const code = inventory({ file: join(root, 'c.yaml'), json, env, stdout, stderr, unixMs: () => NOW })
    return { code, out, err }
  } finally {
    rmSync(root, { recursive: true })
  }
}

test('a table of hotspots, and what counts', () => {
  const { code, out } = run('auto')
  assert.equal(code, 0)
  const [, , head, first] = out.split('\n')
  assert.match(head ?? '', /^part +count +kg CO2e +95 % interval +share +name +source$/)
  assert.match(first ?? '', /^memory +4 +\d+\.\d +\d+ to \d+ +\d+\.\d % +module of 32 GB +Boavizta/)
  assert.match(
    out,
    /^Embodied: \d+\.\d kg CO2e \(\d+ to \d+ with 95 %\)\. Source: inventory of its parts; data quality 4/m,
  )
  assert.match(
    out,
    /^Written off over 4 years at \d+\.\d g per hour, from the ledger's begin until all of it is booked\.$/m,
  )
  assert.match(out, /^Note: memory modules and power supplies are assumed, as in the service/m)
})

test('as JSON, with what a dated machine has left', () => {
  const { code, out } = run('{ total_kg: 1000, commissioned: 2024-03-01 }', { json: true })
  assert.equal(code, 0)
  const { embodied, components, isVirtual } = JSON.parse(out) as InventoryReport
  assert.equal(isVirtual, false)
  assert.equal(components.length, 6)
  assert.deepEqual([embodied?.kg, embodied?.lowKg, embodied?.highKg, embodied?.dataQuality], [1_000, 500, 2_000, 1])
  // Two years of four.
  assert.equal(embodied?.remainingKg, 500)
  assert.equal(embodied?.gPerHour.toFixed(1), '28.5')
})

test('a guest, and a machine that shall not count', () => {
  const guest = run('auto', { cpu: `${CPU}flags\t\t: fpu hypervisor\n` })
  assert.match(guest.out, /No embodied carbon is counted\.\nNote: a virtual machine has no parts of its own/)
  assert.match(run('none').out, /No embodied carbon is counted\.\nNote: carbon\.embodied is none/)
})

test('a wrong configuration is refused with 78', () => {
  const { code, out, err } = run('{ total_kg: none }')
  assert.deepEqual([code, out], [78, ''])
  assert.match(err, /carbon\.embodied\.total_kg: expected a number from 0 to 1000000 or null, received "none"/)
})
