import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dieArea } from '../../../src/carbon/embodied/die-area.ts'
import { assumed, known, sumOf, times } from '../../../src/carbon/embodied/footprint.ts'
import { assembly, board, chassis, cpu, dimm, hdd, ssd, supply } from '../../../src/carbon/embodied/formulas.ts'
import { gpu } from '../../../src/carbon/embodied/gpu.ts'
import { effectiveMm2, siliconKg } from '../../../src/carbon/embodied/gpu-silicon.ts'
import fc from '../../property.ts'

const near = (kg: number, expected: number, within: number): void =>
  assert.ok(Math.abs(kg - expected) <= within, `${kg} is not ${expected} within ${within}`)

test('PowerEdge R740, component by component (Boavizta: 4,536.13 kg)', () => {
  const xcc = dieArea({ vendor: 'GenuineIntel', family: 6, model: 85, name: 'Xeon Platinum 8180', cores: 28 })
  assert.equal(xcc.value, 694)
  const cpus = times(2, cpu(xcc))
  const memory = times(12, dimm(32, known(1.79)))
  const system = ssd(400, known(19))
  const data = times(8, ssd(3_840, known(19)))
  // The published 295.49 kg of the rest hold supplies of 2.992 kg in all.
  const rest = sumOf([board(), supply(known(2.992)), chassis('rack'), assembly()])
  near(cpus.kg, 45.62, 0.005)
  near(memory.kg, 534.6, 0.006)
  // Published as 52.65, cut off and not rounded.
  near(system.kg, 52.65, 0.006)
  near(data.kg, 3_607.77, 0.005)
  near(rest.kg, 295.49, 0.005)
  near(sumOf([cpus, memory, system, data, rest]).kg, 4_536.13, 0.005)
})

test('flat figures', () => {
  assert.equal(hdd().kg, 31.11)
  near(supply().kg, 72.7, 0.05)
  near(supply().lowKg, 24.3 / 1.5, 1e-9)
  near(supply().highKg, 24.3 * 5 * 1.5, 1e-9)
  near(chassis('blade').kg, 85.9, 1e-9)
  near(chassis('node').kg, 150 / Math.sqrt(2 * 16), 1e-9)
  near(chassis('node').highKg, (150 * 1.5) / 2, 1e-9)
})

test('an HGX H100 baseboard of eight GPUs is 1,312 kg, and the formula bounds it from above', () => {
  const { name, figure } = gpu({ vendor: 0x10de, device: 0x2330, name: null })
  assert.equal(name, 'NVIDIA H100 SXM')
  assert.equal(times(8, figure).kg, 1_312)
  near(figure.highKg, 575, 1)
  assert.equal(figure.dataQuality, 1)
})

test('silicon of an H100 by the formula: 120 kg of logic, 431 kg of memory, 2,810 mm² of wafer', () => {
  near(effectiveMm2(814), 2_810.4, 2)
  near(siliconKg(814, 80, 6), 551, 1)
})

test('a GPU without a published figure lies below the formula, an unknown one has a flat figure', () => {
  const { figure } = gpu({ vendor: 0x10de, device: 0x27b8, name: null })
  assert.equal(figure.highKg, 114)
  assert.ok(figure.kg < figure.highKg && figure.lowKg < figure.kg)
  const unknown = gpu({ vendor: 0x1002, device: 0x74a1, name: null })
  assert.equal(unknown.name, 'GPU 1002:74a1')
  assert.deepEqual([unknown.figure.kg, unknown.figure.dataQuality], [150, 5])
  assert.equal(gpu({ vendor: 0x1002, device: 0x74a1, name: 'AMD MI300X' }).name, 'AMD MI300X')
})

test('what is not known widens the range, and every figure lies within its own', () => {
  assert.deepEqual(assumed(2, 8), { value: 4, low: 2, high: 8 })
  const gb = fc.double({ min: 1, max: 1e5, noNaN: true })
  fc.assert(
    fc.property(gb, fc.integer({ min: 1, max: 256 }), (size, cores) => {
      const processor = { vendor: 'x', family: 0, model: 0, name: 'x' }
      const few = cpu(dieArea({ ...processor, cores }))
      const none = cpu(dieArea({ ...processor, cores: null }))
      for (const figure of [dimm(size), ssd(size), few, none, hdd(), supply(), board()]) {
        assert.ok(0 < figure.lowKg && figure.lowKg < figure.kg && figure.kg < figure.highKg)
      }
      const sure = ssd(size, known(45))
      assert.ok(ssd(size).highKg / ssd(size).lowKg > sure.highKg / sure.lowKg)
      assert.deepEqual([sure.dataQuality, ssd(size).dataQuality], [3, 4])
    }),
  )
})
