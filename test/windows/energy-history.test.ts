import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { Amounts } from '../../src/windows/amounts.ts'
import { EnergyHistory } from '../../src/windows/energy-history.ts'
import fc from '../property.ts'
import { coverage, ns, posting } from './booked.ts'

const PIECE_S = 10
/** Four hours of them. */
const MOST = 1_440

function pieceAt(index: number, w: number, endS = (index + 1) * PIECE_S) {
  const startS = index * PIECE_S
  const amounts = Amounts.of(posting(startS, endS, w))
  return { startNs: ns(startS), endNs: ns(endS), startUnixMs: startS * 1e3, amounts }
}

test('the last four hours are kept, as if each piece were kept as it came', () => {
  const history = new EnergyHistory()
  for (let index = 0; index < MOST + 60; index++) history.add(pieceAt(index, index))
  assert.equal(history.sinceUnixMs, 600_000)
  assert.equal(history.untilUnixMs, 15_000_000)
  const hour = Array.from({ length: 360 }, (_, n) => 720 + n)
  const { amounts, resolutionMs } = history.energyOf(7_200_000, 10_800_000)
  assert.equal(resolutionMs, 10_000)
  assert.equal(amounts.energyUj, BigInt(hour.reduce((sum, w) => sum + w, 0)) * 10_000_000n)
  assert.equal(history.energyOf(0, 600_000).amounts.energyUj, 0n)
})

test('what came late joins the piece of its time, whatever is known of either', () => {
  const history = new EnergyHistory()
  for (let index = 0; index < 4; index++) history.add(pieceAt(index, 100))
  const late = { ...pieceAt(1, 0), startNs: ns(13), endNs: ns(14), amounts: Amounts.of(coverage(13, 14)) }
  const { startNs, endNs, startUnixMs, amounts } = history.add(late)
  assert.deepEqual([startNs, endNs, startUnixMs], [ns(10), ns(20), 10_000])
  assert.equal(amounts, late.amounts)
  assert.equal(history.energyOf(0, 40_000).amounts.of('covered'), ns(1))
  // Of before all that is kept.
  const older = { ...late, startNs: -1n, endNs: 0n }
  assert.equal(history.add(older), older)
  assert.equal(history.energyOf(-1_000, 40_000).amounts.energyUj, 4_000_000_000n)
})

test('amounts that are packed are the same to the last digit', () => {
  const numbers = fc.array(fc.tuple(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.double({ noNaN: true })))
  fc.assert(
    fc.property(numbers, fc.array(fc.string()), (shares, factors) => {
      const amounts = Amounts.of({
        ...posting(0, 1, 1),
        shares: shares.map(([energyUj]) => ({ leaf: 'rest', part: 'rest', quality: 'estimated', energyUj })),
        uncertainty: new Map(factors.map((factor, index) => [factor, shares[index]?.[1] ?? 0])),
      })
      const packed = amounts.pack()
      const again = Amounts.unpack(packed)
      assert.equal(again.toText(), amounts.toText())
      assert.deepEqual(again.pack(packed.names), packed)
    }),
  )
})

test('four hours take half a megabyte', () => {
  const program = `
    import { Amounts } from './src/windows/amounts.ts'
    import { EnergyHistory } from './src/windows/energy-history.ts'
    import { ns, posting } from './test/windows/booked.ts'
    const held = () => (gc(), process.memoryUsage().heapUsed)
    const fill = (history) => {
      for (let n = 0; n < ${2 * MOST}; n++) {
        const whole = posting(n, n + 1, n * 1.37)
        const parts = ['processors', 'memory', 'rest', 'supply_loss'].map((part) => ({ ...whole.shares[0], part }))
        const uncertainty = new Map(['rapl', 'overhead', 'supply'].map((factor) => [factor, n / 7]))
        const amounts = Amounts.of({ ...whole, shares: parts, uncertainty })
        history.add({ startNs: ns(n), endNs: ns(n + 1), startUnixMs: n * 1e3, amounts })
      }
    }
    // What is compiled by it is none of it.
    const [first, second] = [new EnergyHistory(), new EnergyHistory()]
    fill(first)
    const before = held()
    fill(second)
    console.log((held() - before) / 1e6, first.sinceUnixMs - second.sinceUnixMs)`
  const args = ['--expose-gc', '--input-type=module', '-e', program]
  const root = resolve(import.meta.dirname, '../..')
  const [mb] = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).split(' ').map(Number)
  assert.ok(mb !== undefined && mb > 0 && mb < 0.55, `${mb} MB`)
})
