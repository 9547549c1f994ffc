import type { LedgerState } from '../../model/batch.ts'
import type { LedgerTotals } from '../ledger-totals.ts'
import type { Settlement } from '../settlement/settlement.ts'

/**
 * `same`: the ledger's totals are those of the copy, or later ones. `damaged`: both are of one moment and differ, so the
 * ledger's, which have no checksum, are wrong. `behind`: some of the ledger's are lower. `gone`: the ledger has none.
 */
export interface Comparison {
  readonly verdict: 'same' | 'damaged' | 'behind' | 'gone'
  /** What to go on with: no total of it is lower than in the copy. */
  readonly totals: LedgerTotals
  /** For a person: the first that differ, `node.energyUj.measured 5, in the copy 7`. */
  readonly differences: string
}

/** Where something stands, not how much there has been: taken as a whole from the later of two states. */
const MARKS: ReadonlySet<string> = new Set([
  'bornUnixMs',
  'bootId',
  'atUnixMs',
  'atMonotonicNs',
  'last',
  'unsettled',
  'settledNs',
  'leaves',
  'missing',
  'isNewest',
  'learned',
])
/** No less for being lower. */
const MAY_FALL: ReadonlySet<string> = new Set(['correctionUg', 'ceilings'])
/** What tells the entries of a list apart. */
const NAMES = ['key', 'name', 'part', 'quality', 'tenant', 'meter']
const DIFFERENCES_SHOWN = 3
/** Letters of each side. */
const MOST_SHOWN = 80

/** Compares the totals of the ledger with those of its copy, whatever they consist of. */
export function compareTotals(ledger: LedgerTotals | null, copy: LedgerTotals): Comparison {
  if (ledger === null) return { verdict: 'gone', totals: copy, differences: '' }
  const differences: string[] = []
  const differ = (path: string, stored: unknown, copied: unknown) =>
    void differences.push(`${path} ${textOf(stored)}, in the copy ${textOf(copied)}`)
  const shown = () => differences.slice(0, DIFFERENCES_SHOWN).join('; ')

  if (isOneMoment(ledger.state, copy.state)) {
    const united = unite(plain(ledger), plain(copy), (stored, copied, path) => {
      if (!isEqual(stored, copied)) differ(path, stored, copied)
      return copied
    })
    if (differences.length === 0) return { verdict: 'same', totals: ledger, differences: '' }
    return { verdict: 'damaged', totals: totalsOf(united), differences: shown() }
  }

  const copyIsLater = isLater(copy.state, ledger.state)
  const united = unite(
    { ...ledger.state, attribution: null },
    { ...copy.state, attribution: null },
    (stored, copied, path, kind) => {
      if (kind === 'total' && isLower(stored, copied)) {
        differ(path, stored, copied)
        return copied
      }
      return kind !== 'total' && copyIsLater ? copied : stored
    },
  )
  const settlement = laterOf(ledger.settlement, copy.settlement)
  if (differences.length === 0) return { verdict: 'same', totals: { ...ledger, settlement }, differences: '' }
  // Whole from the later: of two lists of consumers, some are in the other's sum of those that are not exported.
  const { attribution } = (copyIsLater ? copy : ledger).state
  return { verdict: 'behind', totals: { state: { ...united, attribution }, settlement }, differences: shown() }
}

/** Of two settlements the one that has closed more; the ledger's own if both are alike. */
function laterOf(ledgers: Settlement | null, copys: Settlement | null): Settlement | null {
  if (ledgers === null || copys === null) return ledgers ?? copys
  return copys.untilUnixMs > ledgers.untilUnixMs ? copys : ledgers
}

function plain({ state, settlement }: LedgerTotals) {
  return { ...state, settlement }
}

function totalsOf({ settlement, ...state }: ReturnType<typeof plain>): LedgerTotals {
  return { state, settlement }
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  return (isRecord(value) ? Object.values(value).join(' ') : `${value}`).slice(0, MOST_SHOWN)
}

function isOneMoment(a: LedgerState, b: LedgerState): boolean {
  return a.bootId === b.bootId && a.atMonotonicNs === b.atMonotonicNs && a.atUnixMs === b.atUnixMs
}

function isLater(a: LedgerState, b: LedgerState): boolean {
  return a.bootId === b.bootId ? a.atMonotonicNs > b.atMonotonicNs : a.atUnixMs > b.atUnixMs
}

type Kind = 'total' | 'other'
type Choose = (stored: unknown, copied: unknown, path: string, kind: Kind) => unknown

/** What either has; `choose` decides on what the copy has. Entries of a list are told apart by their names. */
function unite<T>(stored: T, copied: T, choose: Choose, path = '', kind: Kind = 'total'): T {
  if (Array.isArray(stored) && Array.isArray(copied)) {
    const united = unite(byName(stored), byName(copied), choose, path, kind)
    return Object.values(united) as T
  }
  if (isRecord(stored) && isRecord(copied)) {
    const united: Record<string, unknown> = { ...stored }
    for (const [name, value] of Object.entries(copied)) {
      const inside = path === '' ? name : `${path}.${name}`
      if (MARKS.has(name)) united[name] = choose(stored[name], value, inside, 'other')
      else united[name] = unite(stored[name], value, choose, inside, MAY_FALL.has(name) ? 'other' : kind)
    }
    return united as T
  }
  return choose(stored, copied, path, kind) as T
}

function byName(entries: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(entries.map((entry, n) => [(isRecord(entry) && nameOf(entry)) || `${n}`, entry]))
}

function nameOf(entry: Readonly<Record<string, unknown>>): string {
  const { consumer } = entry
  const names = NAMES.flatMap((name) => (typeof entry[name] === 'string' ? entry[name] : []))
  return (isRecord(consumer) ? [`${consumer.kind}:${consumer.id}`, ...names] : names).join(' ')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !Array.isArray(value)
}

/** The stored one may have more: what is undefined is not copied. */
function isEqual(stored: unknown, copied: unknown): boolean {
  // A time is kept in whole milliseconds.
  if (typeof stored === 'number' && typeof copied === 'number') return Math.round(stored) === Math.round(copied)
  if (!isObject(stored) || !isObject(copied)) return stored === copied
  return Object.keys(copied).every((name) => isEqual(stored[name], copied[name]))
}

function isLower(stored: unknown, copied: unknown): boolean {
  if (stored === undefined) return true
  if (typeof stored === 'bigint' && typeof copied === 'bigint') return stored < copied
  return typeof stored === 'number' && typeof copied === 'number' && stored < copied
}
