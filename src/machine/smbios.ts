/** What the firmware says of the machine's parts. */
export interface FirmwareParts {
  /** Capacity of each memory module. */
  readonly dimmsGib: readonly number[]
  /** What each power supply that is present can give on and on, in W; null where it does not say. */
  readonly suppliesW: readonly (number | null)[]
  /** Code of section 7.4.1; null where the table has no chassis. */
  readonly chassisType: number | null
  /** Processors in their sockets, with their cores (0: not said). */
  readonly processors: readonly { readonly cores: number }[]
}

/** Types of DMTF DSP0134 (SMBIOS 3.7), section 7. */
const CHASSIS = 3
const PROCESSOR = 4
const MEMORY_DEVICE = 17
const POWER_SUPPLY = 39
const END = 127

/** Parses a structure table (DSP0134 section 6.1). Stops at what is cut off or cannot be; never throws. */
export function parseSmbios(table: Buffer): FirmwareParts {
  const dimmsGib: number[] = []
  const processors: { readonly cores: number }[] = []
  const suppliesW: (number | null)[] = []
  let chassisType: number | null = null
  for (const { type, data } of structures(table)) {
    if (type === MEMORY_DEVICE) {
      const gib = moduleGib(data)
      if (gib > 0) dimmsGib.push(gib)
    } else if (type === CHASSIS) {
      // The first one holds this machine; those behind it are what is plugged into it or what it is plugged into.
      chassisType ??= byte(data, 0x05) % HAS_LOCK || null
    } else if (type === PROCESSOR && isPopulatedCpu(data)) {
      processors.push({ cores: coresOf(data) })
    } else if (type === POWER_SUPPLY && isPresentSupply(data)) {
      suppliesW.push(capacityW(data))
    }
  }
  return { dimmsGib, suppliesW, chassisType, processors }
}

export interface Structure {
  readonly type: number
  /** The formatted area, header included. */
  readonly data: Buffer
}

const HEADER_BYTES = 4

/** Those of a table, as far as it is whole. */
export function* structures(table: Buffer): Generator<Structure> {
  let at = 0
  while (at + HEADER_BYTES <= table.length) {
    const type = table.readUInt8(at)
    const length = table.readUInt8(at + 1)
    const stringsAt = at + length
    if (type === END || length < HEADER_BYTES || stringsAt > table.length) return
    yield { type, data: table.subarray(at, stringsAt) }
    const endAt = table.indexOf('\0\0', stringsAt, 'latin1')
    if (endAt < 0) return
    at = endAt + 2
  }
}

/** A field that an older version of the structure does not have is 0. */
function byte(data: Buffer, offset: number): number {
  return offset < data.length ? data.readUInt8(offset) : 0
}

function word(data: Buffer, offset: number): number {
  return offset + 2 <= data.length ? data.readUInt16LE(offset) : 0
}

function doubleWord(data: Buffer, offset: number): number {
  return offset + 4 <= data.length ? data.readUInt32LE(offset) : 0
}

const SIZE_UNKNOWN = 0xffff
const SIZE_EXTENDED = 0x7fff
const IN_KIB = 0x8000
/** Non-volatile modules, flash on the board and the like are not memory chips: 7.18.2, 7.18.6. */
const VOLATILE_TECHNOLOGIES: ReadonlySet<number> = new Set([0, 1, 2, 3])
const FLASH_TYPES: ReadonlySet<number> = new Set([0x08, 0x09, 0x0a, 0x0b, 0x0c])

/** Section 7.18: 0 for an empty slot and for what is no memory module. */
function moduleGib(data: Buffer): number {
  const size = word(data, 0x0c)
  if (size === 0 || size === SIZE_UNKNOWN) return 0
  if (FLASH_TYPES.has(byte(data, 0x12)) || !VOLATILE_TECHNOLOGIES.has(byte(data, 0x28))) return 0
  if (size === SIZE_EXTENDED) return (doubleWord(data, 0x1c) % 0x8000_0000) / 1024
  return size >= IN_KIB ? (size - IN_KIB) / 1024 / 1024 : size / 1024
}

/** Section 7.4: the bit above the type. */
const HAS_LOCK = 0x80

const CENTRAL_PROCESSOR = 3
const SOCKET_POPULATED = 0x40

function isPopulatedCpu(data: Buffer): boolean {
  return byte(data, 0x05) === CENTRAL_PROCESSOR && (byte(data, 0x18) & SOCKET_POPULATED) !== 0
}

const SEE_CORE_COUNT_2 = 0xff

/** Section 7.5: 255 and more stand in a second field. */
function coresOf(data: Buffer): number {
  const cores = byte(data, 0x23)
  return cores === SEE_CORE_COUNT_2 ? word(data, 0x2a) : cores
}

const SUPPLY_PRESENT = 0x02

/** Section 7.40: bit 1 of the characteristics. */
function isPresentSupply(data: Buffer): boolean {
  return (word(data, 0x0e) & SUPPLY_PRESENT) !== 0
}

const CAPACITY_UNKNOWN = 0x8000

function capacityW(data: Buffer): number | null {
  const watts = word(data, 0x0c)
  return watts > 0 && watts < CAPACITY_UNKNOWN ? watts : null
}
