import * as z from 'zod'
import { cleanName } from './clean-name.ts'
import type { Host } from './host.ts'

/** What root saw of the machine and saved for the service, which sees less. No serial numbers. */
export type SavedParts = z.infer<typeof readParts>

const VERSION = 1

/** Names go to terminals. */
const name = z.string().regex(/^[^\p{Cc}]{1,200}$/u)
const gb = z.number().positive().max(1e9)
const pciId = z.int().min(0).max(0xffff)

/** Bounds are those of the fields of SMBIOS, sysfs and PCI, or far beyond any machine. */
const savedParts = z.strictObject({
  version: z.literal(VERSION),
  savedAt: z.iso.datetime(),
  bootId: name.nullable(),
  product: name.nullable(),
  /** One for each socket. */
  processors: z.array(z.strictObject({ name, cores: z.int().min(1).max(0xffff).nullable() })).max(256),
  chassisType: z.int().min(1).max(127).nullable(),
  /** In GiB, which this version of the file calls by the makers' name. */
  dimmsGb: z.array(gb).min(1).max(4_096).nullable(),
  suppliesW: z.array(z.int().min(1).max(0x7fff).nullable()).min(1).max(256).nullable(),
  disks: z.array(z.strictObject({ name, gb, rotates: z.boolean() })).max(4_096),
  gpus: z.array(z.strictObject({ vendor: pciId, device: pciId, name: name.nullable() })).max(256),
})
const readParts = savedParts.transform(({ dimmsGb: dimmsGib, ...others }) => ({ ...others, dimmsGib }))

/** Null for a text that is no inventory of this version. Never throws. */
export function parseSavedParts(text: string): SavedParts | null {
  try {
    return readParts.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** The text that saves what is seen. Throws for what could not be read again. */
export function savedPartsText(host: Host, unixMs: number): string {
  const { bootId, product, processors, chassisType, dimmsGib, suppliesW, disks, gpus } = host
  const parts: z.input<typeof savedParts> = {
    version: VERSION,
    savedAt: new Date(unixMs).toISOString(),
    bootId: cleanName(bootId),
    product: cleanName(product),
    processors: processors.map(({ name, cores }) => ({ name: cleanName(name) ?? UNNAMED, cores })),
    chassisType,
    dimmsGb: dimmsGib && [...dimmsGib],
    suppliesW: suppliesW && [...suppliesW],
    disks: disks.map(({ name, gb, rotates }) => ({ name: cleanName(name) ?? UNNAMED, gb, rotates })),
    gpus: gpus.map(({ vendor, device, name }) => ({ vendor, device, name: cleanName(name) })),
  }
  return `${JSON.stringify(savedParts.parse(parts), null, 2)}\n`
}

const UNNAMED = 'unnamed'
