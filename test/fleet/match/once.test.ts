import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CertificateRegister } from '../../../src/fleet/ledger/certificate-register.ts'
import type { Certificate } from '../../../src/fleet/match/certificate.ts'
import { matchOnce } from '../../../src/fleet/match/match-once.ts'
import { scratchDirectory } from '../../ledger/setting.ts'
import fc, { runs } from '../../property.ts'
import { certificateAt, HOUR_MS } from './certificate.ts'

const T0 = Date.UTC(2026, 9, 31, 20)
const UJ_PER_WH = 3_600_000_000n
const HOURS = 8

const certificateOf = (hour: number, first: number, count: number) =>
  certificateAt(T0 + hour * HOUR_MS, { first: BigInt(first), last: BigInt(first + count - 1), faceWh: 3n })

const call = fc.record({
  claimant: fc.constantFrom('a', 'b'),
  from: fc.nat(HOURS - 1),
  hours: fc.integer({ min: 1, max: 4 }),
  wh: fc.integer({ min: 0, max: 40 }),
  certificates: fc.array(fc.tuple(fc.nat(HOURS - 1), fc.nat(40), fc.integer({ min: 1, max: 12 })), { maxLength: 4 }),
})

test('whatever is matched in whatever order, no number is in two claims that have no hour in common', (t) => {
  const folder = scratchDirectory(t)
  let run = 0
  fc.assert(
    fc.property(fc.array(call, { minLength: 2, maxLength: 6 }), (calls) => {
      const register = join(folder, `${run++}.db`)
      for (const { claimant, from, hours, wh, certificates } of calls) {
        const usable: Certificate[] = []
        for (const [hour, first, count] of certificates) {
          const one = certificateOf(hour, first, count)
          if (usable.every((other) => one.first > other.last || one.last < other.first)) usable.push(one)
        }
        const loads = Array.from({ length: hours }, (_, n) => ({
          zone: 'DE',
          hourUnixMs: T0 + (from + n) * HOUR_MS,
          loadUj: BigInt(wh) * UJ_PER_WH,
          isProfile: false,
          gridCfePpm: null,
          residualMgPerKwh: null,
        }))
        const matched = () =>
          matchOnce({ usable, refused: [] }, { register, claimant, loads, deliverable: new Map(), nowUnixMs: T0 }).match
        const first = matched()
        assert.deepEqual(matched(), first)
        assert.ok(first.hourly.matchedUj <= first.hourly.loadUj && first.volume.matchedUj <= first.volume.loadUj)
      }
      const file = new CertificateRegister(register)
      const whole = { issuance: 'GC', first: 0n, last: 1000n }
      // A claim of nobody, so that all are of somebody else.
      const used = file.excluded(whole, { claimant: '', fromUnixMs: 0, untilUnixMs: 0 })
      file.close()
      for (const [n, a] of used.entries()) {
        for (const b of used.slice(n + 1)) {
          if (a.last < b.first || b.last < a.first) continue
          const isShared = a.by.fromUnixMs < b.by.untilUnixMs && b.by.fromUnixMs < a.by.untilUnixMs
          assert.ok(a.by.claimant === b.by.claimant && isShared, JSON.stringify([a.by, b.by]))
        }
      }
    }),
    { numRuns: runs(60) },
  )
})
