/**
 * Sensor records (IPMI 2.0, section 43). Offsets count from 0. A record that is cut, of another type, or of a sensor that
 * is not for us yields null.
 */

/** The raw value's place in the byte: table 43-1, byte 21, bits 7:6. */
export type AnalogFormat = 'unsigned' | 'ones-complement' | 'twos-complement'

/** `y = L((m * x + b * 10^bExponent) * 10^resultExponent)` in watts (IPMI 2.0, section 36.3). */
export interface Conversion {
  readonly format: AnalogFormat
  readonly m: number
  readonly b: number
  readonly bExponent: number
  readonly resultExponent: number
  /** 0 linear, 1 ln, 2 log10, 3 log2, 4 e, 5 exp10, 6 exp2, 7 1/x, 8 sqr, 9 cube, 10 sqrt, 11 cube root. */
  readonly linearization: number
}

/** Who owns a sensor, and what it is at. */
export interface SensorPlace {
  readonly owner: number
  readonly channel: number
  readonly lun: number
  readonly number: number
  /** What it is at (table 43-13), and which one of several: 10 and 2 are the second supply. */
  readonly entityId: number
  readonly entityInstance: number
}

export interface PowerSensor extends SensorPlace {
  readonly name: string
  readonly conversion: Conversion
}

const FULL_SENSOR = 0x01
const COMPACT_SENSOR = 0x02
const HEADER_BYTES = 5
const FIXED_BYTES = 48
const COMPACT_BYTES = 32
const POWER_SUPPLY = 0x08
const SENSOR_SPECIFIC = 0x6f
const BASE_UNIT_WATTS = 6
const FORMATS: readonly AnalogFormat[] = ['unsigned', 'ones-complement', 'twos-complement']
/** From 70h on the factors differ from reading to reading, and must be asked for each time. */
const LAST_LINEARIZATION = 11

/** `record` is whole, with its header. */
export function powerSensorOf(record: Uint8Array): PowerSensor | null {
  const at = (offset: number): number => record[offset] ?? 0
  if (record.length < FIXED_BYTES || at(3) !== FULL_SENSOR || record.length < HEADER_BYTES + at(4)) return null
  const units = at(20)
  const format = FORMATS[units >> 6]
  // A rate, a modifier unit (watt-hours) or a percentage makes it something else than watts.
  if (format === undefined || (units & 0x3f) !== 0 || at(21) !== BASE_UNIT_WATTS) return null
  const linearization = at(23) & 0x7f
  // Bit 0 of the owner: system software, which nobody can ask.
  if (linearization > LAST_LINEARIZATION || (at(5) & 1) !== 0) return null
  const m = signed(((at(25) & 0xc0) << 2) | at(24), 10)
  const b = signed(((at(27) & 0xc0) << 2) | at(26), 10)
  const [resultExponent, bExponent] = [signed(at(29) >> 4, 4), signed(at(29) & 0xf, 4)]
  const name = sensorName(record.subarray(FIXED_BYTES - 1))
  if (name === null) return null
  return {
    ...placeOf(record),
    name,
    conversion: { format, m, b, bExponent, resultExponent, linearization },
  }
}

/**
 * The discrete sensor of a supply that tells whether it is there and has an input (table 42-3, type 08h), in a full or a
 * compact record (tables 43-1 and 43-2, alike as far as that goes); null for anything else.
 */
export function supplyStatusOf(record: Uint8Array): SensorPlace | null {
  const at = (offset: number): number => record[offset] ?? 0
  const isSensor = at(3) === FULL_SENSOR || at(3) === COMPACT_SENSOR
  if (!isSensor || record.length < COMPACT_BYTES || record.length < HEADER_BYTES + at(4)) return null
  if (at(12) !== POWER_SUPPLY || at(13) !== SENSOR_SPECIFIC || (at(5) & 1) !== 0) return null
  return placeOf(record)
}

function placeOf(record: Uint8Array): SensorPlace {
  const [owner = 0, unit = 0, number = 0, entityId = 0, instance = 0] = record.subarray(5, 10)
  // Bit 7 of the instance tells a logical entity from a physical one.
  return { owner, channel: unit >> 4, lun: unit & 3, number, entityId, entityInstance: instance & 0x7f }
}

function signed(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}

const BCD_PLUS = '0123456789 -.:,_'

/** The id string behind its type/length byte (section 43.15); null when it is empty or cut. */
function sensorName(field: Uint8Array): string | null {
  const type = (field[0] ?? 0) >> 6
  const bytes = field.subarray(1, 1 + ((field[0] ?? 0) & 0x1f))
  if (bytes.length === 0 || bytes.length < ((field[0] ?? 0) & 0x1f)) return null
  const text = type === 1 ? bcdPlus(bytes) : type === 2 ? sixBit(bytes) : latin1(bytes)
  const name = text.replace(/[^\x20-\x7e\xa0-\xff]/g, '').trim()
  return name === '' ? null : name
}

function bcdPlus(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `${BCD_PLUS[byte >> 4]}${BCD_PLUS[byte & 15]}`).join('')
}

/** Four characters in three bytes, lowest bits first, from blank on. */
function sixBit(bytes: Uint8Array): string {
  let text = ''
  for (let bit = 0; bit + 6 <= bytes.length * 8; bit += 6) {
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8)
    text += String.fromCharCode(0x20 + ((pair >> (bit & 7)) & 0x3f))
  }
  return text
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
