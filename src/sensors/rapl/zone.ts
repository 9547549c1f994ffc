import { join } from 'node:path'
import { readAttribute } from '../../native/attribute.ts'
import { readdir } from '../files.ts'
import type { RaplDomain } from './channel.ts'
import { compareZones, parseEnergyRange, parseZoneDirectory, parseZoneName, type ZoneDirectory } from './zone-name.ts'

/** A RAPL zone of powercap that is worth reading: each register once. */
export interface Zone {
  readonly directory: ZoneDirectory
  /** Its `energy_uj`. */
  readonly path: string
  readonly domain: RaplDomain
  /** Number of states of its counter in µJ; undefined when the zone does not say it. */
  readonly modulus: bigint | undefined
  /** Why its readings mean nothing; undefined when they do. */
  readonly trouble: string | undefined
  /** Zones that this one makes superfluous, and why. */
  readonly leftOut: readonly string[]
  /** What its files said. A zone that says something else has become another. */
  readonly identity: readonly string[]
}

interface Description {
  readonly directory: ZoneDirectory
  readonly path: string
  readonly name: Attribute
  readonly range: Attribute
}

/** The text of an attribute, or why there is none. */
type Attribute = { readonly text: string } | { readonly trouble: string }

/**
 * Reads `<root>/<zone>/name` and the like of every zone (Documentation/power/powercap/powercap.rst). One bad zone never
 * costs another: it is kept, with its trouble. `enabled` is not asked: it tells whether the power limit is in force
 * (get_domain_enable), and the counter counts without.
 */
export async function readZones(root: string, isAmd: boolean): Promise<readonly Zone[]> {
  const entries = await readdir(root).catch(() => [])
  const directories = entries.flatMap((entry) => parseZoneDirectory(entry) ?? []).sort(compareZones)
  return selectZones(await Promise.all(directories.map((directory) => describeZone(root, directory))), isAmd)
}

async function describeZone(root: string, directory: ZoneDirectory): Promise<Description> {
  const folder = join(root, directory.directory)
  const attribute = (file: string): Promise<Attribute> =>
    readAttribute(join(folder, file)).then(
      (text) => ({ text }),
      (error: NodeJS.ErrnoException) => ({ trouble: `${file}: ${error.code ?? error.message}` }),
    )
  const name = await attribute('name')
  return {
    directory,
    path: join(folder, 'energy_uj'),
    name,
    range: await attribute('max_energy_range_uj'),
  }
}

/** Leaves out the second of two zones that show one register, and AMD's `core`, which is one core's alone. */
function selectZones(descriptions: readonly Description[], isAmd: boolean): readonly Zone[] {
  const devices = new Map<string, string>()
  const zones = new Map<string, Zone & { readonly leftOut: string[] }>()
  for (const { directory, path, name, range } of descriptions) {
    const parent = directory.parent && (devices.get(directory.parent) ?? directory.parent)
    const named = 'text' in name ? parseZoneName(name.text, parent, isAmd) : undefined
    const domain = named ?? { scope: 'other', device: directory.directory }
    devices.set(directory.directory, domain.device)

    const key = `${domain.scope} ${domain.device}`
    const twin = zones.get(key)
    if (twin) {
      twin.leftOut.push(`${directory.directory} (the same register)`)
    } else if (isAmd && domain.scope === 'core') {
      zones.get(`package ${domain.device}`)?.leftOut.push(`${directory.directory} (one core alone)`)
    } else {
      const modulus = 'text' in range ? parseEnergyRange(range.text) : undefined
      const trouble = named ? modulus === undefined && troubleOf('max_energy_range_uj', range) : troubleOf('name', name)
      const identity = [name, range].map((attribute) => Object.values(attribute).join())
      const zone = { directory, path, domain, modulus, trouble: trouble || undefined, identity }
      zones.set(key, { ...zone, leftOut: [] })
    }
  }
  return [...zones.values()]
}

function troubleOf(file: string, attribute: Attribute): string {
  return 'trouble' in attribute ? attribute.trouble : `${file} says ${JSON.stringify(attribute.text)}`
}
