import { join } from 'node:path'
import { bytesOf } from './files.ts'
import { type Structure, structures } from './smbios.ts'

/** Management controller host interface: DSP0134 section 7.43, DSP0270 section 8. */
const HOST_INTERFACE = 42
const OVER_NETWORK = 0x40
const REDFISH_OVER_IP = 0x04
/** How the controller has its address: one that it gets by DHCP is not in the table. */
const STATIC = 1
const AUTOMATIC = 3
const IPV4 = 1
const IPV6 = 2
/** What may stand in a URL. */
const HOST_NAME = /^[\w.-]{1,253}$/

/** Where the firmware says that the machine's own management controller speaks Redfish: `https://169.254.0.17`. Only root may know. */
export function hostInterfaces(sysfs: string): readonly string[] {
  const table = bytesOf(join(sysfs, 'firmware/dmi/tables/DMI')) ?? Buffer.alloc(0)
  return [...new Set([...structures(table)].flatMap(urlsOf))]
}

function urlsOf({ type, data }: Structure): readonly string[] {
  if (type !== HOST_INTERFACE || data[0x04] !== OVER_NETWORK) return []
  const urls: string[] = []
  const recordsAt = 0x06 + (data[0x05] ?? 0)
  let at = recordsAt + 1
  for (let left = data[recordsAt] ?? 0; left > 0 && at + 2 <= data.length; left -= 1) {
    const [protocol, length = 0] = data.subarray(at, at + 2)
    const record = data.subarray(at + 2, at + 2 + length)
    if (protocol === REDFISH_OVER_IP) urls.push(...urlOf(record))
    at += 2 + length
  }
  return urls
}

/** Of a record that is cut off what is there. */
function urlOf(record: Buffer): readonly string[] {
  const host = addressOf(record) ?? nameOf(record)
  if (host === null) return []
  const port = record.length >= 86 ? record.readUInt16LE(84) : 0
  return [`https://${host}${port === 0 || port === 443 ? '' : `:${port}`}`]
}

function addressOf(record: Buffer): string | null {
  const [discovery, format] = record.subarray(50, 52)
  const address = record.subarray(52, 68)
  if ((discovery !== STATIC && discovery !== AUTOMATIC) || address.length < 16 || address.every((byte) => byte === 0))
    return null
  if (format === IPV4) return [...address.subarray(0, 4)].join('.')
  return format === IPV6 ? `[${address.toString('hex').match(/.{4}/g)?.join(':')}]` : null
}

function nameOf(record: Buffer): string | null {
  const length = record[90] ?? 0
  const name = record.toString('latin1', 91, 91 + length).replace(/\0.*$/s, '')
  return HOST_NAME.test(name) ? name : null
}
