import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalCpu, clockOf } from '../../../src/sensors/estimate/cpu-name.ts'
import { generationOf } from '../../../src/sensors/estimate/generations.ts'
import table from '../../../src/sensors/estimate/processors.json' with { type: 'json' }
import { findProcessor } from '../../../src/sensors/estimate/processors.ts'
import fc from '../../property.ts'

/** As /proc/cpuinfo, clouds and publications write them: one spelling, how it is found, its generation and its TDP. */
const NAMES: readonly (readonly [
  name: string,
  key: string,
  match: string,
  generation: string | null,
  tdpW: number | null,
])[] = [
  ['Intel(R) Xeon(R) Gold 6140 CPU @ 2.30GHz', 'xeon 6140', 'exact', 'skylake-sp', 140],
  ['Intel(R) Xeon(R) Platinum 8280 CPU @ 2.70GHz', 'xeon 8280', 'exact', 'cascadelake', 205],
  [
    'Intel Xeon Platinum 8280 @ 2.70GHz (Intel Turbo Boost Technology up to 4.00 GHz)',
    'xeon 8280',
    'exact',
    'cascadelake',
    205,
  ],
  ['Intel Xeon Platinum 8280, 2.70 GHz', 'xeon 8280', 'exact', 'cascadelake', 205],
  ['Intel(R) Xeon(R) Platinum 8280L CPU @ 2.70GHz', 'xeon 8280l', 'exact', 'cascadelake', 205],
  ['Intel(R) Xeon(R) Platinum 8480+', 'xeon 8480+', 'exact', 'sapphirerapids', 350],
  ['Intel(R) Xeon(R) 8480+,', 'xeon 8480+', 'exact', 'sapphirerapids', 350],
  ['INTEL(R) XEON(R) PLATINUM 8592+', 'xeon 8592+', 'exact', 'emeraldrapids', 350],
  ['Intel(R) Xeon(R) Platinum 8490H', 'xeon 8490h', 'exact', 'sapphirerapids', 350],
  ['Intel(R) Xeon(R) 6980P', 'xeon 6980p', 'exact', 'graniterapids', 500],
  ['Intel(R) Xeon(R) 6780E', 'xeon 6780e', 'exact', 'sierraforest', 330],
  ['Intel(R) Xeon(R) Silver 4110 CPU @ 2.10GHz', 'xeon 4110', 'exact', 'skylake-sp', 85],
  ['Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz', 'xeon 4314', 'exact', 'icelake-sp', 135],
  ['Intel(R) Xeon(R) Silver 4410Y', 'xeon 4410y', 'exact', 'sapphirerapids', 150],
  ['Intel(R) Xeon(R) Bronze 3106 CPU @ 1.70GHz', 'xeon 3106', 'exact', 'skylake-sp', 85],
  ['Intel(R) Xeon(R) Gold 5120 CPU @ 2.20GHz', 'xeon gold 5120', 'exact', 'skylake-sp', 105],
  ['Intel(R) Xeon(R) CPU 5120 @ 1.86GHz', 'xeon 5120', 'exact', 'core', 65],
  ['Intel(R) Xeon(R) Gold 6338N CPU @ 2.20GHz', 'xeon 6338n', 'exact', 'icelake-sp', 185],
  ['Intel(R) Xeon(R) Platinum 8380H CPU @ 2.90GHz', 'xeon 8380h', 'exact', 'cooperlake', 250],
  ['Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz', 'xeon 8259cl', 'exact', 'cascadelake', 210],
  ['Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz', 'xeon 8175m', 'exact', 'skylake-sp', 240],
  ['Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz', 'xeon 8370c', 'exact', 'icelake-sp', 270],
  ['Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz', 'xeon e5-2686 v4', 'exact', 'broadwell-ep', 145],
  ['Intel(R) Xeon(R) CPU E5-2660 v2 @ 2.20GHz', 'xeon e5-2660 v2', 'exact', 'ivybridge-ep', 95],
  ['Intel(R) Xeon(R) CPU E5-2660 0 @ 2.20GHz', 'xeon e5-2660', 'exact', 'sandybridge-ep', 95],
  ['Intel(R) Xeon(R) CPU E5-2699 v3 @ 2.30GHz', 'xeon e5-2699 v3', 'exact', 'haswell-ep', 145],
  ['Intel(R) Xeon(R) CPU E5-2650L 0 @ 1.80GHz', 'xeon e5-2650l', 'exact', 'sandybridge-ep', 70],
  ['Intel(R) Xeon(R) CPU E7- 4870  @ 2.40GHz', 'xeon e7-4870', 'exact', 'westmere-ex', 130],
  ['Intel(R) Xeon(R) CPU E7-8890 v3 @ 2.50GHz', 'xeon e7-8890 v3', 'exact', 'haswell-ep', 165],
  ['Intel(R) Xeon(R) CPU E3-1230 V2 @ 3.30GHz', 'xeon e3-1230 v2', 'exact', 'ivybridge', 69],
  ['Intel(R) Xeon(R) CPU E3-1265L v3 @ 2.50GHz', 'xeon e3-1265l v3', 'exact', 'haswell', 45],
  ['Intel(R) Xeon(R) CPU E3-1240L v5 @ 2.10GHz', 'xeon e3-1240l v5', 'exact', 'skylake', 25],
  ['Intel(R) Xeon(R) CPU           X5670  @ 2.93GHz', 'xeon x5670', 'exact', 'westmere', 95],
  ['Intel(R) Xeon(R) CPU           L5420  @ 2.50GHz', 'xeon l5420', 'exact', 'penryn', 50],
  ['Intel(R) Xeon(R) CPU           E5540  @ 2.53GHz', 'xeon e5540', 'exact', 'nehalem', 80],
  ['Intel(R) Xeon(R) CPU           X7560  @ 2.27GHz', 'xeon x7560', 'exact', 'nehalem-ex', 130],
  ['Intel(R) Xeon(R) E-2388G CPU @ 3.20GHz', 'xeon e-2388g', 'exact', 'rocketlake', 95],
  ['Intel(R) Xeon(R) E-2288G CPU @ 3.70GHz', 'xeon e-2288g', 'exact', 'coffeelake', 95],
  ['Intel(R) Xeon(R) D-2776NT CPU @ 2.10GHz', 'xeon d-2776nt', 'exact', 'icelake-d', 117],
  ['Intel(R) Xeon(R) CPU D-1541 @ 2.10GHz', 'xeon d-1541', 'exact', 'broadwell-de', 45],
  ['Intel(R) Xeon(R) W-2145 CPU @ 3.70GHz', 'xeon w-2145', 'exact', 'skylake-sp', 140],
  ['Intel(R) Xeon(R) CPU @ 2.20GHz', 'xeon', 'none', null, null],
  ['Intel Xeon Processor (Skylake, IBRS)', 'xeon', 'none', null, null],
  ['Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz', 'core i7-8700', 'exact', 'coffeelake', 65],
  ['12th Gen Intel(R) Core(TM) i7-12700K', 'core i7-12700k', 'exact', 'alderlake', 190],
  ['13th Gen Intel(R) Core(TM) i9-13900K', 'core i9-13900k', 'exact', 'alderlake', 125],
  ['Intel(R) Core(TM) i5-4570 CPU @ 3.20GHz', 'core i5-4570', 'exact', 'haswell', 84],
  ['Intel(R) Atom(TM) CPU C3758 @ 2.20GHz', 'atom c3758', 'exact', 'atom', 25],
  ['Intel(R) N100', 'n100', 'exact', 'atom', 6],
  ['Intel(R) Celeron(R) J4125 CPU @ 2.00GHz', 'celeron j4125', 'exact', 'celeron', 10],
  ['AMD EPYC 7763 64-Core Processor', 'epyc 7763', 'exact', 'milan', 280],
  ['AMD EPYC 7B12', 'epyc 7b12', 'exact', 'rome', 240],
  ['AMD EPYC 7R13 Processor', 'epyc 7r13', 'exact', 'milan', 280],
  ['AMD EPYC 7452 32-Core Processor', 'epyc 7452', 'exact', 'rome', 155],
  ['AMD EPYC 7551P 32-Core Processor', 'epyc 7551p', 'exact', 'naples', 180],
  ['AMD EPYC 7F52 16-Core Processor', 'epyc 7f52', 'exact', 'rome', 240],
  ['AMD EPYC 7V13 64-Core Processor', 'epyc 7v13', 'exact', 'milan', 280],
  ['AMD EPYC 9654 96-Core Processor', 'epyc 9654', 'exact', 'genoa', 360],
  ['AMD EPYC 9754 128-Core Processor', 'epyc 9754', 'exact', 'bergamo', 360],
  ['AMD EPYC 9755 128-Core Processor', 'epyc 9755', 'exact', 'turin', 500],
  ['AMD EPYC 9R14', 'epyc 9r14', 'exact', 'genoa', 360],
  ['AMD EPYC 8534P 64-Core Processor', 'epyc 8534p', 'exact', 'siena', 200],
  ['AMD EPYC 4344P 8-Core Processor', 'epyc 4344p', 'exact', 'raphael', 65],
  ['AMD EPYC-Milan Processor', 'epyc-milan', 'generation', 'milan', 225],
  ['AMD Opteron(tm) Processor 6276', 'opteron 6276', 'exact', 'bulldozer', 115],
  ['AMD Opteron(TM) Processor 6380', 'opteron 6380', 'exact', 'piledriver', 115],
  ['Quad-Core AMD Opteron(tm) Processor 2384', 'opteron 2384', 'exact', 'shanghai', 115],
  ['Six-Core AMD Opteron(tm) Processor 2435', 'opteron 2435', 'exact', 'istanbul', 115],
  ['Quad-Core AMD Opteron(tm) Processor 8376 HE', 'opteron 8376he', 'exact', 'shanghai', 79],
  ['AMD Opteron 6278', 'opteron 6278', 'exact', 'bulldozer', 115],
  ['AMD Ryzen 9 5950X 16-Core Processor', 'ryzen 9 5950x', 'exact', 'zen3', 105],
  ['AMD Ryzen Threadripper PRO 5995WX 64-Cores', 'ryzen threadripper pro 5995wx', 'exact', 'zen3', 280],
  ['AMD Ryzen 7 PRO 8700GE w/ Radeon 780M Graphics', 'ryzen 7 pro 8700ge', 'exact', 'zen4', 35],
  ['Intel(R) Xeon(R) w9-3495X', 'xeon w9-3495x', 'generation', 'sapphirerapids', 250],
  ['AMD EPYC 7K62 48-Core Processor', 'epyc 7k62', 'generation', 'rome', 200],
  ['AMD EPYC 7T83 64-Core Processor', 'epyc 7t83', 'generation', 'milan', 225],
  ['AMD EPYC 9V74 80-Core Processor', 'epyc 9v74', 'exact', 'genoa', 360],
  ['AMD EPYC 9R45', 'epyc 9r45', 'exact', 'turin', 400],
  ['Neoverse-N1', 'neoverse-n1', 'exact', 'neoverse-n', 210],
  ['Neoverse-V2', 'neoverse-v2', 'exact', 'neoverse-v', 250],
  ['Ampere(R) Altra(R) Processor Q80-30 CPU @ 3.0GHz', 'altra q80-30', 'exact', 'neoverse-n', 210],
  ['Kunpeng 920', 'kunpeng 920', 'exact', 'neoverse-n', 180],
  ['QEMU Virtual CPU version 2.5+', 'qemu virtual version 2.5+', 'none', null, null],
  ['Common KVM processor', 'common kvm', 'none', null, null],
  ['POWER9, altivec supported', 'power9', 'none', 'power', null],
  ['Hygon C86 7285 32-core Processor', 'hygon c86 7285', 'generation', 'naples', 155],
]

test('real names of processors are recognised, and it is said how', () => {
  assert.ok(NAMES.length >= 60)
  for (const [name, key, match, generation, tdpW] of NAMES) {
    const found = findProcessor(name)
    assert.deepEqual(
      [found.key, found.match, found.generation?.name ?? null, found.specification?.tdpW ?? null],
      [key, match, generation, tdpW],
      name,
    )
  }
})

test('spellings of one model are one key', () => {
  for (const spellings of [
    [
      'Xeon Platinum 8280',
      'Intel Xeon Platinum 8280 CPU 2.70 GHz (Intel Turbo Boost Technology up to 4.00 GHz)',
      'Intel Xeon 8280,',
    ],
    ['Intel Xeon E5-2660V2', 'Intel(R) Xeon(R) CPU E5-2660 v2 @ 2.20GHz', 'xeon e5-2660 v2'],
    ['2.6 GHz AMD Opteron 2435', 'Six-Core AMD Opteron(r) Processor 2435'],
    ['AMD Opteron 4164EE', 'AMD Opteron 4164 EE'],
    ['AMD EPYC 7601 2.20 GHz, Dell SKU [338-BNCG]', 'AMD EPYC™ 7601', 'AMD EPYC 7601 32-Core Processor'],
    ['Intel Xeon-D 2776NT', 'Intel(R) Xeon(R) D-2776NT CPU @ 2.10GHz'],
    ['Intel Xeon E E-2488', 'Intel(R) Xeon(R) E-2488'],
  ]) {
    assert.equal(new Set(spellings.map(canonicalCpu)).size, 1, spellings.map(canonicalCpu).join(' | '))
  }
})

test('a model that is not listed is found by its relatives, its number or the generation that CPUID tells', () => {
  const relative = findProcessor('Intel(R) Xeon(R) Platinum 8280Z CPU @ 2.70GHz')
  assert.deepEqual([relative.match, relative.specification?.tdpW], ['family', 205])
  const near = findProcessor('AMD EPYC 7764 64-Core Processor')
  assert.equal(near.match, 'none', 'no EPYC ends in 4 with a 7 before')
  const guest = findProcessor('Intel(R) Xeon(R) CPU @ 2.20GHz', { name: 'broadwell-ep', year: 2016 })
  assert.deepEqual([guest.match, guest.generation?.name], ['generation', 'broadwell-ep'])
  assert.ok((guest.specification?.tdpW ?? 0) > 50)
})

test('every name of the catalogue is its own canonical spelling and of the generation it stands in', () => {
  let count = 0
  for (const [generation, lines] of Object.entries(table.generations)) {
    for (const line of lines.split('\n')) {
      const [key = '', tdp] = line.split(';')
      count += 1
      assert.equal(generationOf(key)?.name, generation, key)
      assert.ok(Number(tdp) > 0 && Number(tdp) <= 600, line)
      assert.deepEqual([canonicalCpu(key), findProcessor(key).match], [key, 'exact'])
    }
  }
  assert.ok(count > 2_000)
})

test('no name throws, and a clock is in the range of clocks', () => {
  const word = fc.constantFrom(
    'Intel(R)',
    'Xeon(R)',
    'EPYC',
    'Platinum',
    '8280',
    'v',
    '@',
    'GHz',
    '2.70',
    '(',
    '9'.repeat(400),
    'é',
  )
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join(' ')),
  )
  fc.assert(
    fc.property(name, (text) => {
      const { key, specification } = findProcessor(text)
      assert.ok(key.length <= 200)
      assert.ok(specification === null || specification.tdpW > 0)
      const mhz = clockOf(text)
      assert.ok(mhz === null || (mhz >= 300 && mhz <= 7000))
    }),
  )
  assert.deepEqual(['@ 2.70GHz', '1.7 GHz (Turbo 3.1 GHz)', '800 MHz', 'E5-2660', ''].map(clockOf), [
    2700,
    1700,
    800,
    null,
    null,
  ])
})
