import { basename, dirname, join } from 'node:path'
import { readdir, readlink, realpath, stat } from '../files.ts'
import { readLabel } from '../label.ts'

/** A chip of class/hwmon that reports energy or power, as sysfs shows it (Documentation/hwmon/sysfs-interface.rst). */
export interface HwmonChip {
  readonly name: string
  /** Real path of hwmonN. It names the device too, so that chips that swap their numbers are seen to be others. */
  readonly path: string
  /** What keeps its name across reboots: a PCI, ACPI, I²C or platform address; empty for a chip without a device. */
  readonly address: string
  readonly driver: string
  /** Attributes by file name, with their paths. */
  readonly files: ReadonlyMap<string, string>
  /** Contents of the attributes that never change. */
  readonly texts: ReadonlyMap<string, string>
}

export const VALUE = /^(?:energy\d+_input|power\d+_(?:input|average))$/
const TEXT = /^(?:name|(?:energy|power)\d+_label|power\d+_(?:oem_info|is_battery))$/
/** amdgpu: whether there is a northbridge rail, which only APUs have. */
const HINT = /^in1_input$/
/** A HID device's name ends in a number that counts plugs; the USB interface above it is named after its port. */
const HID_DEVICE = /^[0-9A-F]{4}:[0-9A-F]{4}:[0-9A-F]{4}\.[0-9A-F]{4}$/

/**
 * Attributes of a chip: those of hwmonN before those of its device, where drivers that register the old way put them
 * (ibmaem; acpi_power_meter before Linux 7).
 */
export async function listAttributes(path: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const folder of [path, join(path, 'device')]) {
    for (const file of await readdir(folder).catch(() => [])) {
      if ((VALUE.test(file) || TEXT.test(file) || HINT.test(file)) && !files.has(file))
        files.set(file, join(folder, file))
    }
  }
  return files
}

/**
 * Reads the texts one after the other, so that a chip that hangs holds no more than one thread of the pool. Rejects when
 * one cannot be read for now: a channel must not go by another name because its label came late.
 */
export async function readChip(path: string, files: ReadonlyMap<string, string>): Promise<HwmonChip> {
  const texts = new Map<string, string>()
  const read = async (name: string, file: string) => {
    const text = await readLabel(file)
    if (text !== '') texts.set(name, text)
  }
  for (const [name, file] of files) if (TEXT.test(name)) await read(name, file)
  const name = texts.get('name') ?? 'unknown'
  if (name === 'amdgpu') {
    await read('pci_device', join(path, 'device/device'))
    await read('numa_node', join(path, 'device/numa_node'))
  }
  // xe shows a card counter on boards that do not feed it; where the register counts, it does so from power-on.
  if (name === 'xe') await read('energy1_input', files.get('energy1_input') ?? '')
  const device = await realpath(join(path, 'device')).catch(() => '')
  return {
    name,
    path,
    address: HID_DEVICE.test(basename(device)) ? basename(dirname(device)) : basename(device),
    driver: basename(await readlink(join(path, 'device/driver')).catch(() => name)),
    files,
    texts,
  }
}

/** What tells a chip from another one in its place: sysfs gives every registration an inode of its own. */
export async function identityOf(path: string, files: ReadonlyMap<string, string>): Promise<string> {
  const { ino } = await stat(path)
  return `${path} ${ino} ${[...files.keys()].sort().join(' ')}`
}
