/** Structures of an SMBIOS table (DMTF DSP0134), written independently of the parser. */

/** @param body what follows the header of four bytes */
export function structure(type: number, body: Buffer, strings: readonly string[] = []): Buffer {
  const header = Buffer.from([type, 4 + body.length, type, 0])
  const text = strings.length > 0 ? `${strings.join('\0')}\0\0` : '\0\0'
  return Buffer.concat([header, body, Buffer.from(text, 'latin1')])
}

export const END = structure(127, Buffer.alloc(0))

interface MemoryDevice {
  readonly sizeMb: number
  /** Table 78: 3 is DRAM, 7 Optane. */
  readonly technology?: number
  /** Table 77: 0x1a is DDR4, 9 flash. */
  readonly memoryType?: number
  readonly strings?: readonly string[]
}

/** Section 7.18, version 3.2. */
export function memoryDevice({ sizeMb, technology = 3, memoryType = 0x1a, strings }: MemoryDevice): Buffer {
  const data = Buffer.alloc(0x54)
  const isExtended = sizeMb >= 0x7fff
  data.writeUInt16LE(isExtended ? 0x7fff : sizeMb, 0x0c)
  data[0x12] = memoryType
  data.writeUInt32LE(isExtended ? sizeMb : 0, 0x1c)
  data[0x28] = technology
  return structure(17, data.subarray(4), strings)
}

/** Section 7.5, version 3.0. */
export function processor({ populated, cores }: { readonly populated: boolean; readonly cores: number }): Buffer {
  const data = Buffer.alloc(0x30)
  data[0x05] = 3
  data[0x18] = populated ? 0x41 : 0
  data[0x23] = Math.min(cores, 255)
  data.writeUInt16LE(cores, 0x2a)
  return structure(4, data.subarray(4), ['CPU1'])
}

/** Section 7.4. */
export function chassis(type: number, { hasLock = false } = {}): Buffer {
  return structure(3, Buffer.of(1, type + (hasLock ? 0x80 : 0), 0, 0, 0, 3, 3, 3), ['Dell Inc.'])
}

/** Section 7.40. */
export function powerSupply({ present, watts = 0x8000 }: { present: boolean; watts?: number }): Buffer {
  const data = Buffer.alloc(0x16)
  data.writeUInt16LE(watts, 0x0c)
  data.writeUInt16LE(present ? 0x0003 : 0x0001, 0x0e)
  return structure(39, data.subarray(4), ['PSU.Slot.1'])
}

interface HostInterface {
  /** Four bytes, or sixteen. */
  readonly address: readonly number[]
  readonly port?: number
  /** 1 is static, 2 DHCP. */
  readonly discovery?: number
  readonly name?: string
  readonly protocol?: number
  readonly type?: number
}

/** Section 7.43 with a device on USB, whose record of Redfish over IP is that of DSP0270, table 3. */
export function hostInterface(of: HostInterface): Buffer {
  const { address, port = 443, discovery = 1, name = '', protocol = 4, type = 0x40 } = of
  const record = Buffer.alloc(91 + name.length)
  record[16] = 1
  record[17] = 1
  record[50] = discovery
  record[51] = address.length === 4 ? 1 : 2
  record.set(address, 52)
  record.writeUInt16LE(port, 84)
  record[90] = name.length
  record.write(name, 91, 'latin1')
  const device = Buffer.of(0x02, 0xb3, 0x04, 0x10, 0x40, 0x00)
  const body = [Buffer.of(type, device.length), device, Buffer.of(1, protocol, record.length), record]
  return structure(42, Buffer.concat(body))
}
