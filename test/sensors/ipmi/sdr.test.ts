import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { largestMicrowatts, microwattsOf } from '../../../src/sensors/ipmi/conversion.ts'
import { type Conversion, powerSensorOf, supplyStatusOf } from '../../../src/sensors/ipmi/sdr.ts'
import fc from '../../property.ts'
import { sdrRecord, statusRecord } from './sdr-record.ts'

/** Compiled by OpenIPMI's sdrcomp 2.0.33; ipmitool reads 230 W from it at raw 35. */
const COMPILED =
  '010051013a2000010a0145000b01000000000000000600000800fbc1010100000000ff000000000000000000000000' +
  'cf50777220436f6e73756d7074696f6e'

const conversion = (fields: Parameters<typeof sdrRecord>[0]): Conversion => {
  const sensor = powerSensorOf(sdrRecord(fields))
  assert.ok(sensor)
  return sensor.conversion
}

const fields = fc.record({
  owner: fc.integer({ min: 0, max: 0x7f }).map((address) => address * 2),
  channel: fc.integer({ min: 0, max: 15 }),
  lun: fc.integer({ min: 0, max: 3 }),
  number: fc.integer({ min: 0, max: 255 }),
  entityId: fc.integer({ min: 0, max: 255 }),
  entityInstance: fc.integer({ min: 0, max: 127 }),
  format: fc.integer({ min: 0, max: 2 }),
  linearization: fc.integer({ min: 0, max: 11 }),
  m: fc.integer({ min: -512, max: 511 }),
  b: fc.integer({ min: -512, max: 511 }),
  bExponent: fc.integer({ min: -8, max: 7 }),
  resultExponent: fc.integer({ min: -8, max: 7 }),
  name: fc.stringMatching(/^[!-~]([ -~]{0,28}[!-~])?$/),
})
const raws = fc.integer({ min: 0, max: 255 })

describe('sensor data records', () => {
  test('a record of an independent compiler', () => {
    assert.deepEqual(powerSensorOf(Buffer.from(COMPILED, 'hex')), {
      owner: 0x20,
      channel: 0,
      lun: 0,
      number: 1,
      entityId: 10,
      entityInstance: 1,
      name: 'Pwr Consumption',
      conversion: { format: 'unsigned', m: 8, b: -5, bExponent: 1, resultExponent: 0, linearization: 0 },
    })
  })

  test('every field comes back', () => {
    fc.assert(
      fc.property(fields, (its) => {
        const { name, owner, channel, lun, number, entityId, entityInstance, format, ...factors } = its
        const formats = ['unsigned', 'ones-complement', 'twos-complement']
        const place = { owner, channel, lun, number, entityId, entityInstance }
        const sensor = { ...place, name, conversion: { ...factors, format: formats[format] } }
        assert.deepEqual(powerSensorOf(sdrRecord(its)), sensor)
      }),
    )
  })

  test('no bytes crash it, and none that are cut are a sensor', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => powerSensorOf(bytes) !== undefined))
    const whole = sdrRecord()
    for (let length = 0; length < whole.length; length++) assert.equal(powerSensorOf(whole.subarray(0, length)), null)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = Buffer.from(whole)
        damaged[at] = byte
        const sensor = powerSensorOf(damaged)
        return sensor === null || sensor.name.length > 0
      }),
    )
  })

  test('what is not watts, not analog or not for anybody to ask is no power sensor', () => {
    const others: Parameters<typeof sdrRecord>[0][] = [
      { baseUnit: 4 },
      { baseUnit: 7 },
      { unitBits: 0x01 }, // percent of watts
      { unitBits: 0x04 }, // watts times a modifier unit: watt-hours
      { unitBits: 0x18 }, // watts per second
      { format: 3 },
      { linearization: 0x70 },
      { linearization: 12 },
      { owner: 0x21 }, // system software
      { name: '' },
    ]
    for (const other of others) assert.equal(powerSensorOf(sdrRecord(other)), null, JSON.stringify(other))
    const compact = sdrRecord()
    compact[3] = 0x02
    assert.equal(powerSensorOf(compact), null)
  })

  test('the status of a supply, in a compact record or a full one', () => {
    const status = { owner: 0x20, channel: 0, lun: 0, number: 0x51, entityId: 10, entityInstance: 2 }
    const compact = statusRecord(1, 0x51, 2)
    assert.deepEqual(supplyStatusOf(compact), status)
    const full = sdrRecord({ number: 0x51, entityId: 10, entityInstance: 0x82 })
    assert.equal(supplyStatusOf(full), null, 'a sensor of watts')
    full.set([0x08, 0x6f], 12)
    assert.deepEqual(supplyStatusOf(full), status)
    for (let length = 0; length < compact.length; length++)
      assert.equal(supplyStatusOf(compact.subarray(0, length)), null)
    compact[12] = 0x09 // a power unit
    assert.equal(supplyStatusOf(compact), null)
  })

  test('names in six bits and in BCD', () => {
    const named = (type: number, bytes: number[]) => {
      const record = Buffer.concat([sdrRecord().subarray(0, 48), Buffer.from(bytes)])
      record[4] = 43 + bytes.length
      record[47] = (type << 6) | bytes.length
      return powerSensorOf(record)?.name
    }
    // IPMI 2.0, section 43.15, has this one as its example: "IPMI" in packed 6-bit ASCII.
    assert.equal(named(2, [0x29, 0xdc, 0xa6]), 'IPMI')
    assert.equal(named(1, [0x12, 0x3b]), '123-')
  })
})

describe('conversion', () => {
  test('figures of the field', () => {
    const dell = conversion({ m: 8, b: -5, bExponent: 1 })
    assert.equal(microwattsOf(35, dell), 230_000_000n)
    assert.equal(microwattsOf(6, dell), null) // -2 W
    assert.equal(largestMicrowatts(dell), 1_990_000_000n)
    assert.equal(microwattsOf(200, conversion({ m: 123, resultExponent: -2 })), 246_000_000n)
    assert.equal(microwattsOf(3, conversion({ m: 1, resultExponent: -8 })), 0n)
    assert.equal(microwattsOf(0xff, conversion({ m: -1, format: 2 })), 1_000_000n)
    assert.equal(microwattsOf(0xfe, conversion({ m: -1, format: 1 })), 1_000_000n)
    assert.equal(microwattsOf(0xff, conversion({ format: 1 })), 0n)
  })

  test('a linear sensor is exact to the µW', () => {
    fc.assert(
      fc.property(fields, raws, (its, raw) => {
        const factors = conversion({ ...its, linearization: 0, format: 0 })
        // The same in units of 10^-16 W: the exponents sum to -16 at least.
        const unit = (exponent: number) => 10n ** BigInt(16 + exponent)
        const { m, b, bExponent, resultExponent } = its
        const exact = BigInt(m * raw) * unit(resultExponent) + BigInt(b) * unit(bExponent + resultExponent)
        const half = 10n ** 10n / 2n
        const uw = (exact + (exact < 0n ? -half : half)) / 10n ** 10n
        assert.equal(microwattsOf(raw, factors), uw >= 0n && uw <= 10n ** 15n ? uw : null)
      }),
    )
  })

  test('every other function agrees with floating point as far as that goes', () => {
    const functions = new Map<number, (y: number) => number>([
      [1, Math.log],
      [2, Math.log10],
      [3, Math.log2],
      [4, Math.exp],
      [5, (y) => 10 ** y],
      [6, (y) => 2 ** y],
      [7, (y) => 1 / y],
      [8, (y) => y * y],
      [9, (y) => y ** 3],
      [10, Math.sqrt],
      [11, Math.cbrt],
    ])
    for (const [linearization, f] of functions) {
      fc.assert(
        fc.property(fields, raws, (its, raw) => {
          const factors = conversion({ ...its, linearization, format: 0 })
          const y = (its.m * raw + its.b * 10 ** its.bExponent) * 10 ** its.resultExponent
          const expected = f(y) * 1e6
          const uw = microwattsOf(raw, factors)
          if (uw === null) return !(expected > 1 && expected < 0.99e15)
          return Math.abs(Number(uw) - expected) <= 1.5 + Math.abs(expected) * 1e-7
        }),
      )
    }
  })

  test('no raw value and no factors give a negative or boundless power', () => {
    fc.assert(
      fc.property(fields, fc.oneof(raws, fc.double(), fc.integer()), (its, raw) => {
        const uw = microwattsOf(raw, conversion(its))
        const isByte = Number.isInteger(raw) && raw >= 0 && raw <= 255
        return uw === null || (isByte && uw >= 0n && uw <= 10n ** 15n)
      }),
    )
  })
})
