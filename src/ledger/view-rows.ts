import type Database from 'better-sqlite3'
import { DAY_MS, HOUR_MS } from '../model/time.ts'
import { VIEWS } from './schema/views.ts'

/** Views that others are made of. */
const INNER: ReadonlySet<string> = new Set(['settled_emission', 'settled_consumer'])
/** Views with one row per time and set of labels, whose other columns are figures. */
const SERIES: Readonly<Record<string, readonly string[]>> = {
  node_hourly: ['meter'],
  node_daily: ['meter'],
  node_parts_hourly: ['part', 'quality'],
  channel_hourly: ['sensor', 'scope', 'device'],
  consumer_hourly: ['kind', 'consumer', 'tenant'],
  consumer_daily: ['kind', 'consumer', 'tenant'],
}
/** Columns that say something and measure nothing. */
const WORDS: ReadonlySet<string> = new Set(['ef_basis', 'co2e_status'])

export type Cell = number | bigint | string | null

/** What may be exported, for people. */
export const EXPORTED_VIEWS: readonly string[] = Object.keys(VIEWS).filter((name) => !INNER.has(name))
export const SERIES_VIEWS: readonly string[] = Object.keys(SERIES)

/** A span as the views write times; null is open. The end is no part of it. */
export interface Span {
  readonly fromUnixMs: number | null
  readonly toUnixMs: number | null
}

/** Reads a view row by row, however long it is. */
export class ViewRows {
  readonly view: string
  readonly columns: readonly string[]
  /** As the table declares them; null for what the view computes. */
  readonly columnTypes: readonly (string | null)[]
  readonly #db: Database.Database
  readonly #time: string

  constructor(db: Database.Database, view: string) {
    this.#db = db
    this.view = view
    const columns = db.prepare(`SELECT * FROM ${view}`).columns()
    this.columns = columns.map(({ name }) => name)
    this.columnTypes = columns.map(({ type }) => type)
    this.#time = ['hour', 'day', 'started', 'at', 'starts'].find((name) => this.columns.includes(name)) ?? 'at'
  }

  /** The column that spans are of. */
  get timeColumn(): string {
    return this.#time
  }

  /** How long a row's time is; null for views of moments. */
  get periodMs(): number | null {
    return { hour: HOUR_MS, day: DAY_MS }[this.#time] ?? null
  }

  /** The hours that the ledger has; null for an empty one. */
  bounds(): { readonly fromUnixMs: number; readonly toUnixMs: number } | null {
    const query = 'SELECT min(start_unix_ms) AS fromUnixMs, max(start_unix_ms) AS toUnixMs FROM node_hour'
    const bounds = this.#db.prepare<[], { fromUnixMs: number | null; toUnixMs: number | null }>(query).get()
    const { fromUnixMs = null, toUnixMs = null } = bounds ?? {}
    return fromUnixMs === null || toUnixMs === null ? null : { fromUnixMs, toUnixMs }
  }

  rows(span: Span): IterableIterator<Cell[]> {
    const { where, values } = this.#within(span)
    return this.#db
      .prepare<string[], Cell[]>(`SELECT * FROM ${this.view} ${where}`)
      .raw()
      .iterate(...values)
  }

  /** The columns that are figures, of a view of series. */
  get figures(): readonly string[] {
    const labels = SERIES[this.view] ?? []
    return this.columns.filter((name) => name !== this.#time && !labels.includes(name) && !WORDS.has(name))
  }

  get labels(): readonly string[] {
    return SERIES[this.view] ?? []
  }

  /** Unix seconds of the time's start, the figure, the labels; in order of time. Two that share a name are one. */
  series(figure: string, span: Span): IterableIterator<Cell[]> {
    const { where, values } = this.#within(span, `${figure} IS NOT NULL`)
    const labels = this.labels.map((name) => `, ${name}`).join('')
    return this.#db
      .prepare<string[], Cell[]>(
        `SELECT unixepoch(${this.#time}), sum(${figure})${labels} FROM ${this.view} ${where}
         GROUP BY ${this.#time}${labels} ORDER BY ${this.#time}`,
      )
      .raw()
      .iterate(...values)
  }

  #within({ fromUnixMs, toUnixMs }: Span, condition = 'true') {
    const bounds = [
      ['>=', fromUnixMs],
      ['<', toUnixMs],
    ].flatMap(([sign, unixMs]) => (unixMs === null ? [] : [{ sign, text: this.#textOf(Number(unixMs)) }]))
    const where = [condition, ...bounds.map(({ sign }) => `${this.#time} ${sign} ?`)].join(' AND ')
    return { where: `WHERE ${where}`, values: bounds.map(({ text }) => text) }
  }

  /** As the view writes it. */
  #textOf(unixMs: number): string {
    const text = new Date(unixMs).toISOString().replace(/\.\d+Z$/, 'Z')
    return this.#time === 'day' ? text.slice(0, 10) : text
  }
}
