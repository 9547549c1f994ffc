import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmbodied } from '../../../src/carbon/embodied/create-embodied.ts'
import { checkEmbodied, type EmbodiedSettings, embodiedOf } from '../../../src/carbon/embodied/embodied.ts'
import { lifetimeWhatIf } from '../../../src/carbon/embodied/lifetime.ts'
import { sharesOfStages, stagesOf } from '../../../src/carbon/embodied/stages.ts'
import { parseConfig } from '../../../src/config/loader.ts'
import type { MachineParts } from '../../../src/machine/machine-parts.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import fc from '../../property.ts'
import { aCarbon, value } from '../a-carbon.ts'
import { recorder } from '../recorder.ts'

const RACK: MachineParts = {
  product: null,
  isVirtual: false,
  chassis: 'rack',
  processors: [{ vendor: 'AuthenticAMD', family: 25, model: 1, name: 'AMD EPYC 7763', cores: 64 }],
  dimmsGib: [64, 64],
  disks: [],
  areModulesKnown: true,
  knownBy: { processors: 'seen', modules: 'seen', disks: 'seen', supplies: 'seen' },
  memoryGb: 137.4,
  gpus: [],
  suppliesW: [800, 800],
}
const GUEST = { ...RACK, isVirtual: true }

const settings = (text: string): EmbodiedSettings =>
  parseConfig(`carbon: { embodied: ${text} }`, { HOME: '/home/op' }, 'test.yaml').carbon.embodied

function stages(text: string, parts = RACK) {
  const configured = settings(text)
  const embodied = embodiedOf(configured, parts) ?? assert.fail('nothing counts')
  return stagesOf(embodied, configured, parts)
}

test('without a study the making is the inventory, and the other stages what footprints of servers state', () => {
  const [making, transport, end] = stages('auto')
  const inventory = embodiedOf('auto', RACK)
  assert.deepEqual([making?.kg, making?.source], [inventory?.kg, 'inventory of its parts'])
  // Published figures of the same thing differ by 1.5 to either side: 26.8 / 1.5 and 33.5 × 1.5.
  assert.deepEqual(
    [transport?.kg, transport?.lowKg?.toFixed(2), transport?.highKg?.toFixed(2)],
    [31.8, '17.87', '50.25'],
  )
  assert.deepEqual([end?.kg, end?.lowKg?.toFixed(2), end?.highKg?.toFixed(2)], [17.9, '6.67', '47.40'])
  assert.match(transport?.source ?? '', /six product carbon footprints of servers/)
})

test('a study counts where it tells a stage, and the making is its manufacturing', () => {
  const text = '{ source: PCF, stages: { manufacturing_kg: 1000, transport_kg: 40, use_kg: 7000 } }'
  assert.equal(embodiedOf(settings(text), RACK)?.kg, 1_000)
  assert.deepEqual(
    stages(text).map(({ stage, kg, lowKg, highKg, source }) => [stage, kg, lowKg, highKg, source.slice(0, 3)]),
    [
      ['manufacturing', 1_000, 500, 2_000, 'PCF'],
      ['transport', 40, 20, 80, 'PCF'],
      ['end-of-life', 17.9, 10 / 1.5, 31.6 * 1.5, 'six'],
    ],
  )
})

test('the total of before is what counts, whatever the other stages are', () => {
  for (const text of ['auto', '{ total_kg: 1313 }', '{ remaining_kg: 450 }']) {
    const more =
      text === 'auto' ? '{ stages: { transport_kg: 99 } }' : text.replace(' }', ', stages: { transport_kg: 99 } }')
    assert.deepEqual(embodiedOf(settings(more), RACK), embodiedOf(settings(text), RACK))
  }
})

test('of a guest only what is configured is known, and the rest is said to be unknown', () => {
  assert.deepEqual(
    stages('{ total_kg: 100, stages: { transport_kg: 3 } }', GUEST).map(({ stage, kg }) => [stage, kg]),
    [
      ['manufacturing', 100],
      ['transport', 3],
      ['end-of-life', null],
    ],
  )
})

test('two figures of the making that differ are refused, where they stand', () => {
  assert.throws(
    () => checkEmbodied(settings('{ total_kg: 1313, stages: { manufacturing_kg: 1300 } }')),
    (error) =>
      error instanceof ConfigFault &&
      error.message ===
        'carbon.embodied.stages.manufacturing_kg: expected 1313, which total_kg says the making is, received 1300: leave one of them out',
  )
  checkEmbodied(settings('{ total_kg: 1313, stages: { manufacturing_kg: 1313 } }'))
})

test('the books get stages in parts of the making, which is one', () => {
  const shares = sharesOfStages(stages('{ source: PCF, stages: { manufacturing_kg: 1000, transport_kg: 40 } }'))
  assert.deepEqual(
    shares.map(({ stage, ppm }) => [stage, ppm]),
    [
      ['manufacturing', 1_000_000n],
      ['transport', 40_000n],
      ['end-of-life', 17_900n],
    ],
  )
  for (const kg of ['0', '1e-300']) {
    const [making, transport] = sharesOfStages(stages(`{ total_kg: ${kg} }`))
    assert.deepEqual([making?.ppm, transport?.ppm], [null, null])
  }
})

test('the books hand the stages over with each batch, and book the making alone', () => {
  const { logger } = recorder()
  const accrual = createEmbodied({ settings: settings('{ total_kg: 1000, source: PCF }'), parts: RACK, logger })
  assert.ok(accrual)
  const batch = aCarbon({ sources: [value(400)], embodied: accrual }).carbon.collect()
  assert.deepEqual(
    batch.stages?.map(({ stage, ppm }) => [stage, ppm]),
    [
      ['manufacturing', 1_000_000n],
      ['transport', 31_800n],
      ['end-of-life', 17_900n],
    ],
  )
  // 1,000 kg over 35,040 h are 28.538812... g for an hour, as before there were stages.
  assert.equal(accrual.due(0, 3_600_000), 28_538_812n)
  assert.deepEqual(aCarbon({ sources: [value(400)] }).carbon.collect().stages, [])
})

const life = { kg: 1_200, beforeYears: 4, afterYears: 6, renewedKg: 0, gPerKwh: 400 }

test('a longer life, worked out by hand', () => {
  const whatIf = lifetimeWhatIf(life)
  // 300 kg a year become 200; six years of such machines are 1,800 kg; 300 kg are 750 kWh at 400 g.
  assert.deepEqual([whatIf.yearlyBeforeKg, whatIf.yearlyAfterKg], [300, 200])
  assert.deepEqual([whatIf.totalBeforeKg, whatIf.totalAfterKg, whatIf.savedKg], [1_800, 1_200, 600])
  assert.deepEqual([whatIf.savedKgPerExtraYear, whatIf.breakEvenKwh, whatIf.paidBackYears], [300, 750, null])
  assert.equal(whatIf.breakEvenW?.toFixed(2), '85.62')
  // 150 kg of new parts: half a year pays for them, and two extra years save 225 kg each.
  const renewed = lifetimeWhatIf({ ...life, renewedKg: 150 })
  assert.deepEqual([renewed.yearlyAfterKg, renewed.savedKg], [225, 450])
  assert.deepEqual([renewed.paidBackYears, renewed.savedKgPerExtraYear], [0.5, 225])
})

test('a shorter life costs, and has neither extra years nor a break-even', () => {
  const { savedKg, savedKgPerExtraYear, paidBackYears, breakEvenKwh } = lifetimeWhatIf({
    ...life,
    afterYears: 3,
    renewedKg: 10,
  })
  assert.deepEqual([savedKg, savedKgPerExtraYear, paidBackYears, breakEvenKwh], [-310, null, null, null])
  assert.equal(lifetimeWhatIf({ ...life, gPerKwh: 0 }).breakEvenW, null)
  assert.equal(lifetimeWhatIf({ ...life, renewedKg: 900 }).breakEvenKwh, null)
})

test('what is saved is what the extra years save, for any life', () => {
  const years = fc.double({ min: 1, max: 30, noNaN: true })
  const mass = fc.double({ min: 0, max: 1e5, noNaN: true })
  fc.assert(
    fc.property(mass, years, years, mass, (kg, beforeYears, extra, renewedKg) => {
      const one = lifetimeWhatIf({ kg, beforeYears, afterYears: beforeYears + extra, renewedKg, gPerKwh: 400 })
      const bySum = (one.savedKgPerExtraYear ?? Number.NaN) * (one.afterYears - one.beforeYears)
      assert.ok(Math.abs(one.savedKg - bySum) <= 1e-6 * (one.totalBeforeKg + one.totalAfterKg + 1))
    }),
  )
})
