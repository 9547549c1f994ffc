import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FINEST_NS } from '../../src/model/finest.ts'
import { Grain, type Piece } from '../../src/windows/grain.ts'
import fc from '../property.ts'
import { coverage, ns, posting } from './booked.ts'

const spans = (pieces: readonly Piece[]) =>
  pieces.map(({ startNs, endNs }) => [startNs, endNs].map((at) => Number(at) / 1e9))

test('a piece ends at the reading behind an edge', () => {
  const grain = new Grain()
  const pieces = [...grain.add(posting(0, 1, 10), 0), ...grain.add(posting(1, 2, 10), 1_000)]
  grain.cutAt(ns(2.3))
  // The reading that is taken for the edge comes a hair after it.
  pieces.push(...grain.add(posting(2, 2.301, 10), 2_000), ...grain.add(posting(2.301, 3, 500), 2_301))
  assert.deepEqual(spans(pieces), [[0, 2.301]])
  assert.equal(grain.open?.startNs, ns(2.301))
})

test('nobody sees finer than a second, however many edges are asked for and however often is read', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ ms: fc.integer({ min: 1, max: 3_000 }), isCut: fc.boolean() })), (steps) => {
      const grain = new Grain()
      let atS = 0
      for (const { ms, isCut } of steps) {
        if (isCut) grain.cutAt(ns(atS + ms / 2e3))
        for (const { startNs, endNs } of grain.add(posting(atS, atS + ms / 1e3, 10), 0)) {
          assert.ok(endNs - startNs >= FINEST_NS)
        }
        atS += ms / 1e3
      }
    }),
  )
})

test('without an edge a piece ends after ten seconds, and where nothing is known', () => {
  const grain = new Grain()
  const seconds = Array.from({ length: 12 }, (_, s) => grain.add(posting(s, s + 1, 10), s)).flat()
  assert.deepEqual(spans(seconds), [[0, 10]])
  assert.deepEqual(spans(grain.add(posting(15, 16, 10), 15)), [[10, 12]])
  assert.equal(grain.settle(ns(16)), null)
  assert.deepEqual(spans([grain.settle(ns(17)) ?? assert.fail()]), [[15, 16]])
})

test('what comes of a time that has ended is handed on, and opens nothing', () => {
  const grain = new Grain()
  grain.cutAt(ns(0.5))
  assert.deepEqual(spans(grain.add(posting(0, 1, 10), 0)), [[0, 1]])
  assert.deepEqual(spans(grain.add(coverage(0, 1), 0)), [[0, 1]])
  assert.equal(grain.open, null)
})
