import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amortised, embodiedOf, type KnownEmbodied } from '../../../src/carbon/embodied/embodied.ts'
import { inventoryOf, sharesOf } from '../../../src/carbon/embodied/inventory.ts'
import type { MachineParts } from '../../../src/machine/machine-parts.ts'

const SERVER: MachineParts = {
  product: null,
  isVirtual: false,
  chassis: 'rack',
  processors: [{ vendor: 'AuthenticAMD', family: 25, model: 1, name: 'AMD EPYC 7763', cores: 64 }],
  dimmsGib: [64, 64],
  disks: [{ name: 'disk', gb: 960, rotates: false }],
  areModulesKnown: true,
  knownBy: { processors: 'seen', modules: 'seen', disks: 'seen', supplies: 'seen' },
  memoryGb: 137.4,
  gpus: [],
  suppliesW: [800, 800],
}
const NOTHING: KnownEmbodied = {
  total_kg: null,
  source: null,
  lifetime_years: 4,
  commissioned: null,
  remaining_kg: null,
  stages: null,
}

test('auto is the inventory over four years', () => {
  const { kg, lowKg, highKg } = inventoryOf(SERVER)
  const embodied = embodiedOf('auto', SERVER)
  assert.deepEqual(embodied, {
    kg,
    lowKg,
    highKg,
    source: 'inventory of its parts',
    dataQuality: 4,
    balanceKg: kg,
    lifetimeYears: 4,
    commissioned: null,
  })
  assert.deepEqual(embodiedOf(NOTHING, SERVER), embodied)
})

test('a product figure wins over the formulas', () => {
  const embodied = embodiedOf({ ...NOTHING, total_kg: 1_313, source: 'Dell PCF', commissioned: '2024-03-01' }, SERVER)
  assert.deepEqual(
    [embodied?.kg, embodied?.lowKg, embodied?.highKg, embodied?.source, embodied?.dataQuality],
    [1_313, 656.5, 2_626, 'Dell PCF', 1],
  )
  assert.deepEqual(embodied && amortised(embodied), {
    totalUg: 1_313_000_000_000n,
    lifetimeMs: 35_040 * 3_600_000,
    startsUnixMs: Date.UTC(2024, 2, 1),
  })
})

test('a refurbished machine writes off what it has left', () => {
  const embodied = embodiedOf({ ...NOTHING, remaining_kg: 450, lifetime_years: 3 }, SERVER)
  assert.equal(embodied && amortised(embodied).totalUg, 450_000_000_000n)
  const both = embodiedOf({ ...NOTHING, total_kg: 1_313, remaining_kg: 450 }, SERVER)
  assert.deepEqual([both?.kg, both?.balanceKg], [1_313, 450])
})

test('a virtual machine has none of its own, unless it is told a share', () => {
  const guest = { ...SERVER, isVirtual: true }
  assert.equal(embodiedOf('auto', guest), null)
  assert.equal(embodiedOf({ ...NOTHING, lifetime_years: 5 }, guest), null)
  assert.equal(embodiedOf({ ...NOTHING, total_kg: 80 }, guest)?.kg, 80)
})

test('none is none', () => assert.equal(embodiedOf('none', SERVER), null))

test('each part of the account has its share of the making, and the shares sum to 1; of a guest nobody knows', () => {
  const shares = sharesOf({ ...SERVER, isVirtual: false })
  assert.ok(Math.abs([...shares.values()].reduce((sum, share) => sum + share, 0) - 1) < 1e-12)
  const inventory = inventoryOf(SERVER)
  const memoryKg = inventory.components.filter(({ part }) => part === 'memory').reduce((sum, { kg }) => sum + kg, 0)
  assert.ok(memoryKg > 0)
  assert.ok(Math.abs((shares.get('memory') ?? 0) - memoryKg / inventory.kg) < 1e-12)
  assert.equal(sharesOf({ ...SERVER, isVirtual: true }).size, 0)
})
