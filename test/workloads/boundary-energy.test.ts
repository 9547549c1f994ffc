import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LeafEnergy } from '../../src/model/attribution.ts'
import { BoundaryEnergy } from '../../src/workloads/boundary-energy.ts'
import fc from '../property.ts'

const S = 1_000_000_000n

/** µJ of a time, whatever their quality. */
function between(energy: BoundaryEnergy, fromNs: bigint, toNs: bigint): bigint | null {
  const found = energy.between(fromNs, toNs)
  return found && Object.values(found).reduce((sum, uj) => sum + uj, 0n)
}

function share(leaf: string, energyUj: bigint): LeafEnergy {
  const quality = leaf === 'rest' ? 'estimated' : 'measured'
  const part = leaf.startsWith('accelerators') ? 'accelerators' : 'processors'
  return { leaf, part, quality, energyUj }
}

test('however time is cut, and in whatever order parts of it come, the energy of all cuts is the whole to the µJ', () => {
  const piece = fc.record({ ns: fc.bigInt({ min: 1n, max: 5n * S }), uj: fc.bigInt({ min: 0n, max: 2n ** 50n }) })
  const cuts = fc.array(fc.bigInt({ min: 1n, max: 20n * S }), { maxLength: 20 })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), cuts, fc.boolean(), (pieces, inner, isLate) => {
      const energy = new BoundaryEnergy('machine', null)
      let endNs = 0n
      let sumUj = 0n
      const postings = pieces.map(({ ns, uj }) => {
        const startNs = endNs
        endNs += ns
        sumUj += uj
        return { startNs, endNs, shares: [share('processors/socket-0', uj)] }
      })
      // A part of the first posting's time that is told apart from it.
      const late = { ...(postings[0] ?? assert.fail()), shares: [share('accelerators/0000:3b:00.0', 7n)] }
      for (const posting of [...postings, ...(isLate ? [late] : [])]) energy.post(posting)
      const edges = [0n, ...inner.filter((ns) => ns < endNs), endNs].sort((a, b) => (a < b ? -1 : 1))
      let cutUj = 0n
      for (const [index, toNs] of edges.slice(1).entries()) cutUj += between(energy, edges[index] ?? 0n, toNs) ?? -1n
      assert.equal(cutUj, sumUj + (isLate ? 7n : 0n))
    }),
  )
})

test('a hole of a nanosecond leaves a time unknown, of the machine or of one card', () => {
  const machine = new BoundaryEnergy('machine', null)
  machine.post({ startNs: 0n, endNs: S, shares: [share('rest', 5n)] })
  machine.post({ startNs: S + 1n, endNs: 3n * S, shares: [share('rest', 6n)] })
  assert.equal(between(machine, 0n, S), 5n)
  assert.equal(between(machine, S + 1n, 3n * S), 6n)
  assert.equal(between(machine, 0n, 3n * S), null)
  const cards = new BoundaryEnergy('gpu', null)
  const both = [share('accelerators/a', 3n), share('processors/socket-0', 90n), share('accelerators/b', 4n)]
  cards.post({ startNs: 0n, endNs: S, shares: both })
  cards.post({ startNs: S, endNs: 2n * S, shares: both.slice(0, 2) })
  assert.equal(between(cards, 0n, S), 7n)
  assert.equal(between(cards, S, 2n * S), null)
  cards.post({ startNs: S, endNs: 2n * S, shares: [share('accelerators/b', 1n)] })
  assert.equal(between(cards, S, 2n * S), 4n)
})

test('energy is told apart by how it was obtained', () => {
  const machine = new BoundaryEnergy('machine', null)
  machine.post({ startNs: 0n, endNs: 4n * S, shares: [share('rest', 8n), share('processors/socket-0', 40n)] })
  assert.deepEqual(machine.between(S, 3n * S), { estimated: 4n, measured: 20n })
})

test('it keeps a quarter of an hour at most, and a card that is gone for ten minutes no more', () => {
  const energy = new BoundaryEnergy('gpu', null)
  for (let at = 0n; at < 2_000n; at++) {
    const shares = [share('accelerators/a', 3n), ...(at < 100n ? [share('accelerators/b', 4n)] : [])]
    energy.post({ startNs: at * S, endNs: (at + 1n) * S, shares })
    energy.dropBefore(0n, (at + 1n) * S)
    if (at === 600n) assert.equal(between(energy, 599n * S, 600n * S), null)
  }
  assert.equal(between(energy, 1_999n * S, 2_000n * S), 3n)
  assert.equal(between(energy, 1_000n * S, 1_001n * S), null)
  assert.equal(between(energy, 1_200n * S, 1_201n * S), 3n)
})
