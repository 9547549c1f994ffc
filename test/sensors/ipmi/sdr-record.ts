/** A full sensor record (IPMI 2.0, table 43-1), written by the specification and apart from the decoder under test. */
export interface RecordFields {
  readonly id: number
  readonly owner: number
  readonly channel: number
  readonly lun: number
  readonly number: number
  readonly entityId: number
  readonly entityInstance: number
  /** 0 unsigned, 1 one's complement, 2 two's complement, 3 no analog reading. */
  readonly format: number
  /** The low six bits of the units byte: rate, modifier, percentage. */
  readonly unitBits: number
  readonly baseUnit: number
  readonly linearization: number
  readonly m: number
  readonly b: number
  readonly bExponent: number
  readonly resultExponent: number
  readonly name: string
}

const WATTS: RecordFields = {
  id: 1,
  owner: 0x20,
  channel: 0,
  lun: 0,
  number: 1,
  entityId: 0,
  entityInstance: 0,
  format: 0,
  unitBits: 0,
  baseUnit: 6,
  linearization: 0,
  m: 1,
  b: 0,
  bExponent: 0,
  resultExponent: 0,
  name: 'System Power',
}

/** A compact record (table 43-2) of the discrete sensor that says how a supply is. */
export function statusRecord(id: number, number: number, entityInstance: number): Buffer {
  const record = Buffer.alloc(32)
  record.writeUInt16LE(id, 0)
  record.set([0x51, 0x02, 27, 0x20, 0, number, 10, entityInstance], 2)
  record.set([0x08, 0x6f], 12)
  return record
}

export function sdrRecord(fields: Partial<RecordFields> = {}): Buffer {
  const its = { ...WATTS, ...fields }
  const name = Buffer.from(its.name, 'latin1')
  const record = Buffer.alloc(48)
  record.writeUInt16LE(its.id, 0)
  record.set(
    [
      0x51,
      0x01,
      43 + name.length,
      its.owner,
      (its.channel << 4) | its.lun,
      its.number,
      its.entityId,
      its.entityInstance,
    ],
    2,
  )
  record.set([0x0b, 0x01], 12) // type "other units", event and reading type "threshold"
  record[20] = (its.format << 6) | its.unitBits
  record[21] = its.baseUnit
  record[23] = its.linearization
  record[24] = its.m & 0xff
  record[25] = ((its.m >> 8) & 3) << 6
  record[26] = its.b & 0xff
  record[27] = ((its.b >> 8) & 3) << 6
  record[29] = ((its.resultExponent & 0xf) << 4) | (its.bExponent & 0xf)
  record[47] = 0xc0 | name.length
  return Buffer.concat([record, name])
}
