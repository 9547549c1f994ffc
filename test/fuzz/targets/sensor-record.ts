import assert from 'node:assert/strict'
import { largestMicrowatts, microwattsOf } from '../../../src/sensors/ipmi/conversion.ts'
import { roleOf } from '../../../src/sensors/ipmi/role.ts'
import { powerSensorOf, supplyStatusOf } from '../../../src/sensors/ipmi/sdr.ts'
import type { FuzzTarget } from '../target.ts'

const LIMIT_UW = 10n ** 15n

/** A record of a BMC: no sensor, or one with a printable name whose every raw byte is nothing or a power that can be. */
export const sensorRecord: FuzzTarget = {
  name: 'sensor-record',
  tokens: [
    '\0\0\x51\x01\x3b',
    '\x20\0',
    '\x06',
    '\xc0',
    '\x0a',
    'Pwr Consumption',
    'PS1 Input',
    '\x80',
    '\xff',
    '\x7f',
  ],
  run(input) {
    const status = supplyStatusOf(input)
    assert.ok(status === null || (status.entityInstance <= 0x7f && status.number <= 0xff))
    const sensor = powerSensorOf(input)
    if (sensor === null) return
    const { name, owner, channel, lun, number, conversion } = sensor
    assert.match(name, /^[\x20-\x7e\xa0-\xff]+$/)
    assert.ok(owner <= 0xff && channel <= 0xf && lun <= 3 && number <= 0xff)
    for (const sharesChassis of [false, true]) {
      const its = roleOf(sensor, sharesChassis)
      assert.ok(its.role !== 'total' || Number.isFinite(its.rank))
    }
    const largest = largestMicrowatts(conversion)
    for (let raw = 0; raw < 256; raw++) {
      const uw = microwattsOf(raw, conversion)
      assert.ok(uw === null || (uw >= 0n && uw <= LIMIT_UW && largest !== null && uw <= largest))
    }
  },
}
