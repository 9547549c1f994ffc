import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Certificate, idOf, whOf } from '../../../src/fleet/match/certificate.ts'
import { type LoadHour, match } from '../../../src/fleet/match/match.ts'
import { sortOut } from '../../../src/fleet/match/usable.ts'
import fc, { runs } from '../../property.ts'
import { certificateAt, HOUR_MS } from './certificate.ts'

const T0 = Date.UTC(2026, 9, 1)
const KWH = 3_600_000_000_000n

function certificate(hour: number, wh: number, more: Partial<Certificate> = {}): Certificate {
  return certificateAt(T0 + hour * HOUR_MS, {
    issuance: `GC-${hour}`,
    last: BigInt(wh) - 1n,
    energySource: 'wind',
    where: `certificates.csv:${hour + 2}`,
    ...more,
  })
}

function load(hour: number, kwh: bigint, more: Partial<LoadHour> = {}): LoadHour {
  return {
    zone: 'DE',
    hourUnixMs: T0 + hour * HOUR_MS,
    loadUj: kwh * KWH,
    isProfile: false,
    gridCfePpm: null,
    residualMgPerKwh: null,
    ...more,
  }
}

const per = (part: bigint | null, whole: bigint) => ((100 * Number(part)) / Number(whole)).toFixed(1)

test('three hours: 50.0 % by the hour and 66.7 % by the year, and 63.3 % carbon-free around the clock', () => {
  // Loads 10, 10, 10; certificates 15, 5, 0; the grid has 40, 40 and 20 %: 10 + (5 + 0.4 × 5) + 0.2 × 10 = 19 of 30.
  const loads = [400_000n, 400_000n, 200_000n].map((gridCfePpm, n) =>
    load(n, 10n, { gridCfePpm, residualMgPerKwh: 500_000n }),
  )
  const { hourly, volume, surplusUj, hours } = match(loads, [certificate(0, 15_000), certificate(1, 5_000)])
  assert.equal(per(hourly.matchedUj, hourly.loadUj), '50.0')
  assert.equal(per(volume.matchedUj, volume.loadUj), '66.7')
  assert.equal(per(hourly.cfeUj, hourly.loadUj), '63.3')
  assert.equal(volume.cfeUj, null)
  assert.equal(surplusUj, 5n * KWH)
  // 15 kWh at 500 g by the hour, 10 kWh by the year.
  assert.deepEqual([hourly.marketUg, volume.marketUg], [7_500_000_000n, 5_000_000_000n])
  assert.deepEqual(
    hours.map(({ matchedUj }) => matchedUj / KWH),
    [10n, 5n, 0n],
  )
})

test('what a zone has goes to itself first, then where it is deliverable; the rest stays', () => {
  const loads = [load(0, 2n, { zone: 'AT' }), load(0, 3n)]
  const supply = [certificate(0, 4_000), certificate(0, 9_000, { zone: 'FR', issuance: 'FR' })]
  const { hours, leftWh } = match(loads, supply, new Map([['AT', ['DE']]]))
  assert.deepEqual(
    hours.map(({ load: { zone }, matchedUj }) => [zone, matchedUj / KWH]),
    [
      ['AT', 1n],
      ['DE', 3n],
    ],
  )
  assert.deepEqual(
    [...leftWh].map(([one, wh]) => [one.zone, wh]),
    [
      ['DE', 0n],
      ['FR', 9_000n],
    ],
  )
})

test('what expires first is used first, storage is marked, and emissions of a device count', () => {
  const late = certificate(0, 1_000, { issuance: 'A', expiresUnixMs: T0 + 9e9 })
  const soon = certificate(0, 1_000, { issuance: 'B', expiresUnixMs: T0 + 1e9, isStorage: true, mgPerKwh: 30_000n })
  const { usable } = sortOut([late, soon], null)
  const { hours, hourly } = match([load(0, 1n, { residualMgPerKwh: 400_000n })], usable)
  assert.deepEqual(
    hours[0]?.uses.map(({ certificate: one }) => one.issuance),
    ['B'],
  )
  assert.equal(hourly.storageUj, KWH)
  assert.equal(hourly.marketUg, 30_000_000n)
})

test('what backs no claim is told apart with its reason, and no number counts twice', () => {
  const { usable, refused } = sortOut(
    [
      certificate(0, 10, { issuance: 'active', status: 'Active' }),
      certificate(0, 10, { issuance: 'long', endsUnixMs: T0 + 2 * HOUR_MS }),
      certificate(0, 10, { issuance: 'others', beneficiary: 'Other Ltd' }),
      certificate(0, 10, { issuance: 'stale', beneficiary: 'us', expiresUnixMs: T0, cancelledUnixMs: T0 + 1 }),
      certificate(0, 10, { issuance: 'split', beneficiary: 'us' }),
      certificate(0, 10, { issuance: 'split', beneficiary: 'us', first: 10n, last: 19n }),
      certificate(0, 10, { issuance: 'split', beneficiary: 'us', first: 15n, last: 29n, where: 'certificates.csv:9' }),
    ],
    'us',
  )
  assert.deepEqual(usable.map(idOf), ['split/0-9', 'split/10-19'])
  assert.deepEqual(
    refused.map(({ certificate: one, reason }) => `${one.issuance}: ${reason}`),
    [
      'active: its status is Active, and only a cancelled one backs a claim',
      'long: it is not inside one UTC hour',
      'others: it was cancelled for Other Ltd',
      'stale: it had expired when it was cancelled',
      'split: it shares numbers with certificates.csv:2, and each counts once',
    ],
  )
})

test('certificates never cover more than the load, none is used beyond its Wh, and the order of the file means nothing', () => {
  const zone = fc.constantFrom('AT', 'DE', 'FR')
  const supply = fc.array(
    fc.record({ hour: fc.nat(3), wh: fc.integer({ min: 1, max: 5_000 }), zone, at: fc.nat(1_000_000) }),
    { maxLength: 12 },
  )
  const needs = fc.uniqueArray(fc.record({ hour: fc.nat(3), zone, uj: fc.bigInt(0n, 20n * KWH) }), {
    selector: ({ hour, zone }) => `${hour} ${zone}`,
    maxLength: 8,
  })
  fc.assert(
    fc.property(supply, needs, (certificates, loads) => {
      const made = certificates.map(({ hour, wh, zone, at }, n) =>
        certificate(hour, wh, { zone, issuance: `GC-${n}`, expiresUnixMs: T0 + at }),
      )
      const wanted = loads.map(({ hour, zone, uj }) => load(hour, 0n, { zone, loadUj: uj, gridCfePpm: 300_000n }))
      const routes = new Map([['AT', ['DE', 'FR']]])
      const { hours, leftWh, hourly, volume } = match(wanted, sortOut(made, null).usable, routes)
      const usedWh = new Map<Certificate, bigint>()
      for (const { load: need, uses, matchedUj, cfeUj } of hours) {
        assert.ok(matchedUj <= need.loadUj && (cfeUj ?? 0n) <= need.loadUj)
        for (const { certificate: one, wh } of uses) {
          assert.ok(wh > 0n && one.startsUnixMs === need.hourUnixMs)
          usedWh.set(one, (usedWh.get(one) ?? 0n) + wh)
        }
      }
      for (const one of made) assert.equal((usedWh.get(one) ?? 0n) + (leftWh.get(one) ?? 0n), whOf(one))
      assert.ok(hourly.matchedUj <= volume.matchedUj && volume.matchedUj <= volume.loadUj)
      const turned = match(wanted.toReversed(), sortOut(made.toReversed(), null).usable, routes)
      assert.deepEqual([turned.hourly, turned.volume], [hourly, volume])
    }),
    { numRuns: runs(100) },
  )
})
