import { join } from 'node:path'
import { settledWithin } from '../../io/patience.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { readdir, realpath } from '../files.ts'
import { type HwmonChip, identityOf, listAttributes, readChip, VALUE } from './chip.ts'

/** Texts lie in the driver's memory: what takes longer waits for a lock that a read of the hardware holds. */
const TEXT_PATIENCE_MS = 1_000

/**
 * The chips of class/hwmon. Texts are read once for each registration of a chip: a driver can hold the lock that they
 * need while it waits for hardware (show_str() of acpi_power_meter.c), and looking again at a chip that hangs would take
 * one more thread of the pool each time, with DNS and files in the end.
 */
export class HwmonClass {
  readonly #root: string
  readonly #patienceMs: number
  #known: ReadonlyMap<string, Promise<HwmonChip>> = new Map()

  constructor(sysfs: string, patienceMs = TEXT_PATIENCE_MS) {
    this.#root = join(sysfs, 'class/hwmon')
    this.#patienceMs = patienceMs
  }

  /** In order of their devices. A chip whose texts do not come is left out until they do. */
  async chips(): Promise<readonly HwmonChip[]> {
    const known = new Map<string, Promise<HwmonChip>>()
    const chips = await Promise.all((await this.#entries()).map((entry) => this.#chip(entry, known)))
    this.#known = known
    return chips.filter((chip) => chip !== null).sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async #entries(): Promise<readonly string[]> {
    try {
      return (await readdir(this.#root)).filter((entry) => /^hwmon\d+$/.test(entry))
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
      throw new SensorError('SENSOR_PERMISSION', `hwmon: ${String(cause)}`, {
        cause,
        remedy: "in a container, mount the host's /sys read-only at another path and set paths.sysfs to it",
      })
    }
  }

  async #chip(entry: string, known: Map<string, Promise<HwmonChip>>): Promise<HwmonChip | null> {
    const path = await realpath(join(this.#root, entry)).catch(() => null)
    if (path === null) return null
    const files = await listAttributes(path)
    if (![...files.keys()].some((file) => VALUE.test(file))) return null
    const identity = await identityOf(path, files).catch(() => null)
    if (identity === null) return null
    const chip = this.#known.get(identity) ?? readChip(path, files)
    known.set(identity, chip)
    chip.catch(() => known.delete(identity))
    return settledWithin(chip, this.#patienceMs)
  }
}
