import { join } from 'node:path'
import { readBounded } from '../io/bounded-file.ts'
import type { ToldParts } from '../model/told-parts.ts'
import { cleanName } from './clean-name.ts'
import { NO_LINKS, writeWhole } from './saved-parts-file.ts'

const FILE = 'inventory-told.json'
const VERSION = 1
/** The most that a sensor tells takes a third of it. */
const MAX_BYTES = 1 << 18
/** Of one kind. */
const MOST = 4_096

/** What an interface told of this machine's parts, and when. */
export interface Told {
  readonly parts: ToldParts
  readonly unixMs: number
}

/** Where the service keeps what its sensors were told, for its next start. */
export function toldPath(state: string): string {
  return join(state, FILE)
}

/** What is kept of that teller and this product; null where there is nothing of the kind. @throws Error for what is damaged */
export function readTold(state: string, product: string | null, teller: string): Told | null {
  const text = textAt(toldPath(state))
  if (text === null) return null
  const kept = parseTold(text)
  if (kept === null) throw new Error('it is not a list of parts that this version can read')
  // A disk that moved to another machine brings its file, and an address may be another controller's now.
  return kept.product === cleanName(product) && kept.parts.teller === teller ? kept : null
}

/** Throws an error with the system's code. */
export function writeTold(state: string, product: string | null, { parts, unixMs }: Told): void {
  const kept = { version: VERSION, toldAt: new Date(unixMs).toISOString(), product: cleanName(product), ...parts }
  writeWhole(toldPath(state), `${JSON.stringify(kept, null, 2)}\n`)
}

function textAt(path: string): string | null {
  try {
    return readBounded(path, MAX_BYTES, NO_LINKS).bytes.toString('utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw cause
  }
}

type Kept = Told & { readonly product: string | null }

/** Null for a text that is none of this version. By hand: the schema of the other file takes more memory than all that is kept here. */
export function parseTold(text: string): Kept | null {
  try {
    const { version, toldAt, product, ...parts } = JSON.parse(text)
    const unixMs = Date.parse(toldAt)
    if (version !== VERSION || !Number.isFinite(unixMs) || !isName(product ?? '-') || !areParts(parts)) return null
    return { parts, unixMs, product }
  } catch {
    return null
  }
}

const isName = (value: unknown): boolean => typeof value === 'string' && /^[^\p{Cc}]{1,200}$/u.test(value)
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= 1e9

function areParts(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & ToldParts {
  const { sensor, teller, dimmsGib, suppliesW, disks, processors, chassis } = value
  return (
    [sensor, teller].every(isName) &&
    isList(dimmsGib, isPositive) &&
    isList(suppliesW, (watts) => watts === null || isPositive(watts)) &&
    isList(disks, ({ name, gb, rotates }) => isName(name) && isPositive(gb) && typeof rotates === 'boolean') &&
    isList(processors, ({ name, cores }) => isName(name) && (cores === null || isPositive(cores))) &&
    [null, 'rack', 'blade', 'node'].includes(chassis as string | null)
  )
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON.parse found
const isList = (value: unknown, isOne: (one: any) => boolean): boolean =>
  value === null || (Array.isArray(value) && value.length > 0 && value.length <= MOST && value.every(isOne))
