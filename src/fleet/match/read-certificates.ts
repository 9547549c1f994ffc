import { mgPerKwhOf } from '../../carbon/intensity/source.ts'
import { CsvTable } from '../../carbon/table/csv-table.ts'
import { type Rows, TableError, type TableLine, takeEach } from '../../carbon/table/table-line.ts'
import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import { atOnce } from '../../io/slices.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Certificate } from './certificate.ts'

/** Names of the standard's fields, as registers export them. */
const NEEDED = [
  'issuance_id',
  'certificate_bundle_id_range_start',
  'certificate_bundle_id_range_end',
  'face_value',
  'production_starting_interval',
  'production_ending_interval',
  'issue_market_zone',
  'certificate_bundle_status',
] as const
const OPTIONAL = [
  'bundle_quantity',
  'energy_source',
  'is_storage',
  'storage_efficiency_factor',
  'discharging_starting_interval',
  'discharging_ending_interval',
  'expiry_datestamp',
  'cancellation_datestamp',
  'beneficiary',
  'emissions_factor_production_device',
] as const
type Field = (typeof NEEDED)[number] | (typeof OPTIONAL)[number]

/** One certificate, whatever form its file has. */
interface Entry {
  /** Empty where there is none. */
  text(field: Field): string
  /** Throws a TableError that names the place. */
  fail(field: Field, expected: string): never
}

/** Every certificate of a CSV or JSON text. Throws a TableError with the bad places. */
export function parseCertificates(text: string, path: string): Certificate[] {
  const isJson = path.endsWith('.json') || /^\uFEFF?\s*[[{]/.test(text)
  const certificates: Certificate[] = []
  atOnce(
    takeEach(isJson ? jsonEntries(text) : csvEntries(text), (entry) =>
      certificates.push(parseEntry(entry, path, certificates.length)),
    ),
  )
  return certificates
}

function* csvEntries(text: string): Rows<Entry> {
  const table = new CsvTable(text)
  const missing = NEEDED.find((name) => !table.columns.includes(name))
  if (missing !== undefined)
    throw new TableError([
      `1:1: expected the column ${missing}, received ${JSON.stringify(table.columns.join(',').slice(0, 60))}`,
    ])
  const names = [...NEEDED, ...OPTIONAL]
  for (const line of table.lines(names)) yield line === null || line instanceof TableError ? line : new CsvEntry(line)
}

const FIELDS: readonly Field[] = [...NEEDED, ...OPTIONAL]

class CsvEntry implements Entry {
  readonly #line: TableLine

  constructor(line: TableLine) {
    this.#line = line
  }

  text(field: Field): string {
    return this.#line.field(FIELDS.indexOf(field)).trim()
  }

  fail(field: Field, expected: string): never {
    return this.#line.fail(FIELDS.indexOf(field), `${field} to be ${expected}`)
  }
}

/** A list of objects, or the object in which a register wraps it. */
function* jsonEntries(text: string): Rows<Entry> {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new TableError([` expected JSON: ${(cause as Error).message}`])
  }
  const list = Array.isArray(value) ? value : Object.values(value as object).find(Array.isArray)
  if (list === undefined) throw new TableError([' expected a list of certificates'])
  for (const [index, one] of list.entries()) {
    if (typeof one === 'object' && one !== null) yield new JsonEntry(one as Record<string, unknown>, index)
    else yield new TableError([` expected certificate ${index + 1} to be an object`])
  }
}

class JsonEntry implements Entry {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #index: number

  constructor(values: Readonly<Record<string, unknown>>, index: number) {
    this.#values = values
    this.#index = index
  }

  text(field: Field): string {
    const value = this.#values[field]
    return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
  }

  fail(field: Field, expected: string): never {
    const received = JSON.stringify(this.#values[field] ?? null).slice(0, 60)
    throw new TableError([` certificate ${this.#index + 1}: expected ${field} to be ${expected}, received ${received}`])
  }
}

const WHOLE = /^\d{1,18}$/

function parseEntry(entry: Entry, path: string, index: number): Certificate {
  const whole = (field: Field) => {
    const text = entry.text(field)
    return WHOLE.test(text) ? BigInt(text) : entry.fail(field, 'a whole number')
  }
  const name = (field: Field) => entry.text(field) || entry.fail(field, 'a name')
  const first = whole('certificate_bundle_id_range_start')
  const last = whole('certificate_bundle_id_range_end')
  if (last < first) entry.fail('certificate_bundle_id_range_end', 'a number not before that of its start')
  const quantity = entry.text('bundle_quantity')
  if (quantity !== '' && quantity !== String(last - first + 1n)) {
    entry.fail('bundle_quantity', `${last - first + 1n}, the count of its numbers,`)
  }
  const isStorage = flag(entry, 'is_storage')
  const when = isStorage && entry.text('discharging_starting_interval') !== '' ? 'discharging' : 'production'
  const startsUnixMs = momentOf(entry, `${when}_starting_interval`)
  const endsUnixMs = momentOf(entry, `${when}_ending_interval`)
  if (endsUnixMs <= startsUnixMs || endsUnixMs - startsUnixMs > HOUR_MS) {
    entry.fail(`${when}_ending_interval`, 'an end within an hour after the start')
  }
  return {
    issuance: name('issuance_id'),
    first,
    last,
    faceWh: whole('face_value'),
    startsUnixMs,
    endsUnixMs,
    zone: name('issue_market_zone'),
    status: name('certificate_bundle_status'),
    expiresUnixMs: optional(entry, 'expiry_datestamp', momentOf),
    cancelledUnixMs: optional(entry, 'cancellation_datestamp', momentOf),
    beneficiary: entry.text('beneficiary') || null,
    energySource: entry.text('energy_source') || null,
    isStorage,
    storageEfficiency: optional(entry, 'storage_efficiency_factor', efficiencyOf),
    mgPerKwh: optional(entry, 'emissions_factor_production_device', factorOf) ?? 0n,
    where: `${path}, certificate ${index + 1}`,
  }
}

function optional<T>(entry: Entry, field: Field, parse: (entry: Entry, field: Field) => T): T | null {
  return entry.text(field) === '' ? null : parse(entry, field)
}

/** The standard's times are UTC, with or without a sign of it; a day is its beginning. */
function momentOf(entry: Entry, field: Field): number {
  const text = entry.text(field).replace(' ', 'T')
  const zoned = /^\d{4}-\d\d-\d\d$/.test(text)
    ? `${text}T00:00:00Z`
    : /(?:Z|[+-]\d\d:\d\d)$/.test(text)
      ? text
      : `${text}Z`
  const unixMs = parseRfc3339Ms(zoned)
  return Number.isNaN(unixMs) ? entry.fail(field, 'a UTC time such as 2026-01-31T12:00:00Z') : unixMs
}

function flag(entry: Entry, field: Field): boolean {
  const text = entry.text(field).toLowerCase()
  if (text === 'true' || text === '1') return true
  return text === 'false' || text === '0' || text === '' ? false : entry.fail(field, 'true or false')
}

function efficiencyOf(entry: Entry, field: Field): number {
  const value = Number(entry.text(field))
  return value > 0 && value <= 1 ? value : entry.fail(field, 'a number above 0 and up to 1')
}

function factorOf(entry: Entry, field: Field): bigint {
  return mgPerKwhOf(Number(entry.text(field))) ?? entry.fail(field, 'kg/MWh from 0 to 2000')
}
