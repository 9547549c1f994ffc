import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCpuInfo } from '../../../src/machine/cpu-info.ts'
import { HOST_OVERHEAD_PPM, USUAL_EFFICIENCY } from '../../../src/model/host-power.ts'
import { type Machine, powerModel } from '../../../src/sensors/estimate/model.ts'
import { platformOf } from '../../../src/sensors/estimate/platform.ts'
import { wallPower } from '../../../src/sensors/estimate/wall-power.ts'
import fc, { runs } from '../../property.ts'

interface Cpu {
  readonly name: string
  readonly vendor?: string
  readonly family?: number
  readonly model?: number
  readonly cores?: number
  readonly chips?: number
}

function cpuOf({ name, vendor = 'GenuineIntel', family = 6, model = 0, cores = 1, chips = 1 }: Cpu): Machine['cpu'] {
  const blocks = Array.from(
    { length: chips },
    (_, socket) =>
      `processor\t: ${socket}\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nmodel\t\t: ${model}\n` +
      `model name\t: ${name}\nphysical id\t: ${socket}\ncpu cores\t: ${cores}\nflags\t\t: fpu\n`,
  )
  return parseCpuInfo(blocks.join('\n'))
}

const arm = (part: string): Machine['cpu'] =>
  parseCpuInfo(`processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: ${part}\n`)

const load = fc.double({ min: 0, max: 1, noNaN: true })
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz',
    'AMD EPYC 9654 96-Core Processor',
    'Intel(R) Xeon(R) CPU @ 2.20GHz',
    'Intel(R) Celeron(R) J4125 CPU @ 2.00GHz',
    'Neoverse-N1',
  ),
)
const machines = fc.record({
  cpu: fc
    .record({
      name: names,
      vendor: fc.constantFrom('GenuineIntel', 'AuthenticAMD', 'HygonGenuine', ''),
      family: fc.nat(300),
      model: fc.nat(300),
      cores: fc.integer({ min: 1, max: 288 }),
      chips: fc.integer({ min: 1, max: 16 }),
    })
    .map(cpuOf),
  isVirtual: fc.boolean(),
  product: fc.constantFrom(
    null,
    '',
    'Dell Inc. PowerEdge R740',
    'Amazon EC2 m5.large',
    'Amazon EC2 .',
    'x'.repeat(500),
  ),
  chips: fc.integer({ min: 1, max: 16 }),
  threads: fc.integer({ min: 1, max: 8_192 }),
  memoryGib: fc.double({ min: 0.01, max: 65_536, noNaN: true }),
})

test('power is never negative, rises with the load, and is bounded for any machine and any name', () => {
  fc.assert(
    fc.property(machines, load, load, (machine, a, b) => {
      const { processorsW, memoryW, relativeUncertainty } = powerModel(machine)
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      for (const powerW of [processorsW, memoryW]) {
        assert.ok(powerW(low) > 0)
        assert.ok(powerW(low) <= powerW(high) * (1 + 1e-9))
        assert.ok(powerW(high) <= powerW(1) * (1 + 1e-9))
      }
      // Nothing draws 3 kW for each socket and 8 W for each thread beside 2 W for each GiB. A guest on hosts of the oldest
      // class, with two threads each, has 40 W of them for each.
      const mostW = 3_000 * machine.chips + (machine.isVirtual ? 80 : 8) * machine.threads + 2 * machine.memoryGib
      assert.ok(processorsW(1) + memoryW(1) < mostW, `${processorsW(1) + memoryW(1)} W`)
      assert.ok(relativeUncertainty > 0.05 && relativeUncertainty < 1)
    }),
    { numRuns: runs(60) },
  )
})

test('what is smaller than any measured server draws in proportion to its TDP, and is said to be unknown', () => {
  const of = (cpu: string) =>
    wallPower(
      platformOf({
        cpu,
        chips: 1,
        cores: 4,
        threads: 4,
        memoryGib: 16,
        product: null,
        year: null,
        tdpW: null,
        baseMhz: null,
      }),
    )
  const [mini, server] = [of('Intel(R) N100'), of('Intel(R) Xeon(R) CPU E3-1240L v5 @ 2.10GHz')]
  assert.deepEqual([mini.knowledge, server.knowledge], ['nothing', 'measured'])
  assert.ok((mini.watts[10] ?? 0) < 25 && (mini.watts[0] ?? 0) > 3, `${mini.watts}`)
})

test('a load that is none is as good as the nearest that is one', () => {
  const { processorsW } = powerModel({ ...R740, threads: 112 })
  assert.equal(processorsW(-1), processorsW(0))
  assert.equal(processorsW(2), processorsW(1))
})

const R740: Machine = {
  cpu: cpuOf({ name: 'Intel(R) Xeon(R) Platinum 8280 CPU @ 2.70GHz', model: 85, cores: 28, chips: 2 }),
  product: 'Dell Inc. PowerEdge R740',
  isVirtual: false,
  chips: 2,
  threads: 112,
  memoryGib: 192,
}

test('with the rest and the loss of a usual supply, as the account adds them, the parts are the whole again', () => {
  const { processorsW, memoryW } = powerModel(R740)
  const { cpu, product, chips, threads, memoryGib } = R740
  const seen = { cpu: cpu.name ?? '', product, chips, cores: 56, threads, memoryGib }
  const { watts } = wallPower(platformOf({ ...seen, year: null, tdpW: null, baseMhz: null }))
  for (const [level, wallW] of watts.entries()) {
    const partsW = processorsW(level / 10) + memoryW(level / 10)
    const wholeW = (partsW * (1 + Number(HOST_OVERHEAD_PPM) / 1e6)) / USUAL_EFFICIENCY
    assert.ok(Math.abs(wholeW / wallW - 1) < 1e-9, `${level * 10} %: ${wholeW} W of ${wallW} W`)
  }
})

/** Published results of SPECpower_ssj2008 (spec.org): watts at the plug when idle and busy. */
test('the model is near servers that were measured, and they lie in its interval', () => {
  for (const [cpu, chips, cores, threads, memoryGib, product, idleW, fullW] of [
    ['Intel(R) Xeon(R) Platinum 8592+', 2, 128, 256, 256, 'ASUSTeK Computer Inc. ESC4000-E11', 166, 783],
    ['Intel(R) Xeon(R) Platinum 8280 CPU @ 2.70GHz', 2, 56, 112, 192, 'Dell Inc. PowerEdge R740', 49.8, 432],
    ['AMD EPYC 9754 128-Core Processor', 1, 128, 256, 192, 'Dell Inc. PowerEdge R7615', 74, 341],
    ['Intel(R) Xeon(R) E-2388G CPU @ 3.20GHz', 1, 8, 16, 16, 'HPE ProLiant DL20 Gen10 Plus', 21.7, 82.8],
    ['Intel(R) Xeon(R) CPU X5670 @ 2.93GHz', 2, 12, 24, 12, 'HP ProLiant DL380 G7', 60, 240],
  ] as const) {
    const platform = platformOf({
      cpu,
      chips,
      cores,
      threads,
      memoryGib,
      product,
      year: null,
      tdpW: null,
      baseMhz: null,
    })
    const { watts, factors, knowledge } = wallPower(platform)
    assert.equal(knowledge, 'measured', cpu)
    for (const [level, measuredW] of [
      [0, idleW],
      [10, fullW],
    ] as const) {
      const [watt = 0, factor = 1] = [watts[level], factors[level]]
      assert.ok(Math.abs(watt / measuredW - 1) < 0.2, `${cpu}: ${watt} W of ${measuredW} W`)
      assert.ok(measuredW > watt / factor && measuredW < watt * factor)
    }
  }
})

test('the less is known of a machine, the wider is its interval', () => {
  const { cpu: _, ...others } = R740
  const uncertainties = [
    'Intel(R) Xeon(R) Platinum 8280 CPU @ 2.70GHz',
    'Intel(R) Xeon(R) Platinum 8253 CPU @ 2.20GHz',
    'AMD Ryzen Threadripper PRO 5995WX 64-Cores',
    'something else',
  ].map((name) => powerModel({ ...others, cpu: cpuOf({ name, cores: 28, chips: 2 }) }).relativeUncertainty)
  assert.deepEqual(
    uncertainties.toSorted((a, b) => a - b),
    uncertainties,
  )
  assert.ok((uncertainties[3] ?? 0) > 2 * (uncertainties[2] ?? 0))
})

const guest = { isVirtual: true, chips: 1, threads: 2, memoryGib: 7.6 }
const CASCADE_LAKE = cpuOf({ name: 'Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz', model: 85 })

test('a guest is a share of its host: of the instance that is the whole of it, or of a usual one', () => {
  const facts = (cpu: Machine['cpu'], product: string): string =>
    powerModel({ ...guest, cpu, product }).facts.model ?? ''
  assert.equal(
    facts(CASCADE_LAKE, 'Amazon EC2 m5.large'),
    "a share of the host of Amazon's m5 instances: 2 of 96 threads",
  )
  assert.equal(
    facts(CASCADE_LAKE, 'Amazon EC2 m5dn.large'),
    "a share of the host of Amazon's m5dn instances: 2 of 96 threads",
  )
  assert.match(
    facts(CASCADE_LAKE, 'QEMU Standard PC'),
    /^a share of a usual host of 2 such processors: 2 of 96 threads$/,
  )
  assert.match(facts(arm('0xd0c'), 'Amazon EC2 m6g.large'), /: 2 of 64 threads$/)
  assert.match(
    facts(cpuOf({ name: 'Common KVM processor' }), 'QEMU'),
    /a usual host of 2 such processors: 2 of 128 threads$/,
  )
})

test('clouds that hide the model tell the generation by CPUID', () => {
  const { facts } = powerModel({
    ...guest,
    cpu: cpuOf({ name: 'Intel(R) Xeon(R) CPU @ 2.20GHz', model: 79 }),
    product: 'Google',
  })
  assert.equal(facts.processor, 'known by its generation alone (broadwell-ep)')
  const rome = cpuOf({ name: 'AMD EPYC', vendor: 'AuthenticAMD', family: 23, model: 49 })
  assert.equal(
    powerModel({ ...guest, cpu: rome, product: null }).facts.processor,
    'known by its generation alone (rome)',
  )
})

test('an idle guest has processors, and what it draws is of the order of its share', () => {
  const { processorsW, memoryW, relativeUncertainty } = powerModel({
    ...guest,
    cpu: CASCADE_LAKE,
    product: 'Amazon EC2 m5.large',
  })
  assert.ok(processorsW(0) > memoryW(0), `${processorsW(0)} W and ${memoryW(0)} W`)
  assert.ok(processorsW(0) > 0.3 && processorsW(1) < 10)
  assert.ok(relativeUncertainty > 0.15 && relativeUncertainty < 0.5)
  const large = powerModel({ ...guest, memoryGib: 512, cpu: CASCADE_LAKE, product: 'Amazon EC2 m5.large' })
  assert.equal(large.processorsW(0), processorsW(0), 'however much memory it has')
})

test('two guests draw what one of twice the size does, and all guests of a host what it does at its load', () => {
  fc.assert(
    fc.property(load, (share) => {
      const of = (size: number) =>
        powerModel({ ...guest, threads: 2 * size, memoryGib: 8 * size, cpu: CASCADE_LAKE, product: null })
      const [one, two] = [of(1), of(2)]
      assert.ok(Math.abs(two.processorsW(share) / one.processorsW(share) - 2) < 1e-9)
      assert.ok(Math.abs(two.memoryW(share) / one.memoryW(share) - 2) < 1e-9)
    }),
    { numRuns: runs(5) },
  )
  const all = powerModel({ ...guest, threads: 96, memoryGib: 384, cpu: CASCADE_LAKE, product: null })
  const host = { cpu: cpuOf({ name: 'Intel(R) Xeon(R) Platinum 8259CL CPU', cores: 24, chips: 2 }), product: null }
  const whole = powerModel({ ...host, isVirtual: false, chips: 2, threads: 96, memoryGib: 384 })
  for (const usual of [0, 0.5]) assert.ok(Math.abs(all.processorsW(usual) / whole.processorsW(usual) - 1) < 1e-9)
})
