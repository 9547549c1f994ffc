import { reasonOf } from '../model/reason.ts'
import type { ToldParts } from '../model/told-parts.ts'
import type { Host } from './host.ts'
import { type MachineParts, partsOf } from './machine-parts.ts'
import { disksText, modulesText, processorsText, suppliesText } from './parts-text.ts'
import type { SavedParts } from './saved-parts.ts'
import { recall, type Said } from './saved-parts-file.ts'
import { toldDifferences } from './told-parts-differences.ts'
import { readTold, type Told, toldPath, writeTold } from './told-parts-file.ts'

const LOOK = 'What is known counts; check that sensors.redfish.url is the controller of this machine'

/** What the machine consists of as far as it is known by now, and by whom. */
export class Inventory {
  readonly host: Host
  readonly saved: SavedParts | null
  readonly #state: string
  #told: Told | null
  #parts: MachineParts
  #said: readonly Said[]

  private constructor(state: string, host: Host, saved: SavedParts | null, told: Told | null, said: readonly Said[]) {
    this.host = host
    this.saved = saved
    this.#state = state
    this.#told = told
    this.#parts = partsOf(host, saved, told?.parts)
    this.#said = [...said, ...this.#differing()]
  }

  /**
   * From what is seen, what root saved and what was told in earlier runs. Never rejects.
   * @param teller host and port of the controller that is configured; null for none. What another one told is not used
   */
  static async open(state: string, host: Host, teller: string | null): Promise<Inventory> {
    const { saved, said } = await recall(state, host)
    try {
      return new Inventory(state, host, saved, teller === null ? null : readTold(state, host.product, teller), said)
    } catch (cause) {
      const message = `${toldPath(state)} is not used: ${reasonOf(cause)}. It is written anew when the controller tells of the parts again`
      return new Inventory(state, host, saved, null, [...said, { event: 'inventory_ignored', message }])
    }
  }

  get parts(): MachineParts {
    return this.#parts
  }

  get told(): Told | null {
    return this.#told
  }

  /** For people: why something is not used, and what differs. */
  get said(): readonly Said[] {
    return this.#said
  }

  /** Takes what is told now, and keeps it for the next start. Returns what is new in it, for people; nothing where all is as before. */
  hear(told: ToldParts, unixMs: number): readonly Said[] {
    const parts = withKept(told, this.#told?.parts)
    const isNew = JSON.stringify(parts) !== JSON.stringify(this.#told?.parts)
    this.#told = { parts, unixMs }
    const unkept = this.#keep(this.#told)
    if (!isNew) return unkept
    const before = new Set(this.#said.map(({ message }) => message))
    this.#parts = partsOf(this.host, this.saved, parts)
    this.#said = this.#differing()
    const news: Said = { event: 'inventory_told', message: `${byWhom(parts)} tells of ${listed(parts)}` }
    return [...unkept, news, ...this.#said.filter(({ message }) => !before.has(message))]
  }

  #differing(): readonly Said[] {
    if (this.#told === null) return []
    const { parts } = this.#told
    const differing = toldDifferences(parts, this.host, this.#parts).join('; ')
    const message = `${byWhom(parts)} tells of other parts than are known. ${differing}. ${LOOK}`
    return differing === '' ? [] : [{ event: 'inventory_differs', message }]
  }

  #keep(told: Told): readonly Said[] {
    try {
      writeTold(this.#state, this.host.product, told)
      return []
    } catch (cause) {
      const message = `${toldPath(this.#state)} cannot be written, so that the next start has to be told again: ${reasonOf(cause)}`
      return [{ event: 'inventory_unwritten', message }]
    }
  }
}

/** What is not told this time stays as it was told before. */
function withKept(told: ToldParts, before: ToldParts | undefined): ToldParts {
  return {
    sensor: told.sensor,
    teller: told.teller,
    dimmsGib: told.dimmsGib ?? before?.dimmsGib ?? null,
    suppliesW: told.suppliesW ?? before?.suppliesW ?? null,
    disks: told.disks ?? before?.disks ?? null,
    processors: told.processors ?? before?.processors ?? null,
    chassis: told.chassis ?? before?.chassis ?? null,
  }
}

/** `redfish at 10.0.0.7`. */
export const byWhom = ({ sensor, teller }: Pick<ToldParts, 'sensor' | 'teller'>): string => `${sensor} at ${teller}`

function listed({ processors, dimmsGib, disks, suppliesW }: ToldParts): string {
  const lists = [
    processors && processorsText(processors),
    dimmsGib && modulesText(dimmsGib),
    disks && disksText(disks),
    suppliesW && suppliesText(suppliesW),
  ]
  return lists.filter((text) => text !== null).join(', ') || 'no parts'
}
