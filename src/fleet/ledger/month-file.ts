import type Database from 'better-sqlite3'
import { FleetFault } from '../fleet-fault.ts'
import { openDatabase } from './open-database.ts'
import type { HostState, MeterHour } from './rows.ts'

const SCHEMA = `
CREATE TABLE source (url TEXT NOT NULL) STRICT;
-- What was read as a whole, so that a command that was cut off goes on from there.
CREATE TABLE piece (name TEXT PRIMARY KEY, read_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
-- A host as it described itself: one of other labels is another row.
CREATE TABLE host (
  id INTEGER PRIMARY KEY, target TEXT NOT NULL, node TEXT NOT NULL, machine TEXT NOT NULL, labels TEXT NOT NULL,
  UNIQUE (target, node, machine, labels)
) STRICT;
CREATE TABLE host_state (
  edge_ms INTEGER NOT NULL, host INTEGER NOT NULL REFERENCES host, until_ms INTEGER, energy_uj INTEGER,
  location_ug INTEGER, market_ug INTEGER, embodied_ug INTEGER, site_water_ul INTEGER, grid_water_ul INTEGER,
  unaccounted_ms INTEGER, uncertainty_ppm INTEGER, pue_ppm INTEGER, modelled INTEGER NOT NULL,
  chip_idle_uj INTEGER, chip_dynamic_uj INTEGER, parts_uj INTEGER, PRIMARY KEY (edge_ms, host)
) STRICT, WITHOUT ROWID;
CREATE TABLE meter_hour (
  meter TEXT NOT NULL, hour_ms INTEGER NOT NULL, amount INTEGER NOT NULL, covered_ms INTEGER NOT NULL,
  spread_ms INTEGER NOT NULL, falls INTEGER NOT NULL, PRIMARY KEY (meter, hour_ms)
) STRICT, WITHOUT ROWID;
CREATE VIEW host_hourly AS
SELECT strftime('%Y-%m-%dT%H:%MZ', edge_ms / 1000, 'unixepoch') AS edge, node, machine, labels, target,
  energy_uj / 3.6e12 AS total_kwh, until_ms FROM host_state JOIN host ON host = id;
CREATE VIEW meter_hourly AS
SELECT strftime('%Y-%m-%dT%H:%MZ', hour_ms / 1000, 'unixepoch') AS hour, meter, amount / 3.6e12 AS kwh,
  covered_ms / 36000.0 AS coverage_pct FROM meter_hour;
`

const MONTH_FILE = {
  name: 'ledger of a fleet',
  /** `wlFM` */
  applicationId: 0x776c464d,
  format: 2,
  schema: SCHEMA,
  // Format 1 had no parts of machines. What was read stays, since the server may have it no more.
  steps: [
    ['chip_idle_uj', 'chip_dynamic_uj', 'parts_uj']
      .map((name) => `ALTER TABLE host_state ADD COLUMN ${name} INTEGER`)
      .join(';'),
  ],
  remedy: 'It can be deleted: it is read anew',
} as const

/** Rows of the fleet in one UTC month: a file of its own, which can be thrown away and is then read anew. */
export class MonthFile {
  readonly #db: Database.Database
  readonly #requireSource: (db: Database.Database) => void
  readonly #hostIds = new Map<string, number>()

  /** Makes it if it is not there. Throws a FleetFault. */
  constructor(path: string, url: string) {
    this.#requireSource = (db) => {
      const source = db.prepare<[], string>('SELECT url FROM source').pluck().get()
      if (source === url) return
      throw new FleetFault('FLEET_LEDGER', `${path} was read from ${source}, and not from ${url}: move it away`)
    }
    this.#db = openDatabase(path, MONTH_FILE, (db) => {
      // A server that was named by mistake has left nothing in it.
      if (db.prepare('SELECT 1 FROM piece').get() === undefined) {
        db.prepare('DELETE FROM source').run()
        db.prepare('INSERT INTO source VALUES (?)').run(url)
      }
      this.#requireSource(db)
    })
  }

  has(piece: string): boolean {
    return this.#db.prepare('SELECT 1 FROM piece WHERE name = ?').get(piece) !== undefined
  }

  /** All of an edge or nothing. */
  putHosts(piece: string, edgeUnixMs: number, states: readonly HostState[], nowUnixMs: number): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO host_state VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)')
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM host_state WHERE edge_ms = ?').run(edgeUnixMs)
      for (const state of states) {
        insert.run(
          edgeUnixMs,
          this.#hostId(state),
          state.untilUnixMs,
          state.energyUj,
          state.locationUg,
          state.marketUg,
          state.embodiedUg,
          state.siteWaterUl,
          state.gridWaterUl,
          state.unaccountedMs,
          state.uncertaintyPpm,
          state.puePpm,
          Number(state.isModelled),
          state.chipIdleUj,
          state.chipDynamicUj,
          state.partsUj,
        )
      }
      this.#done(piece, nowUnixMs)
    })()
  }

  putMeter(piece: string, meter: string, hours: readonly MeterHour[], nowUnixMs: number): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO meter_hour VALUES (?,?,?,?,?,?)')
    this.#db.transaction(() => {
      for (const { hourUnixMs, amount, coveredMs, spreadMs, falls } of hours) {
        insert.run(meter, hourUnixMs, amount, coveredMs, spreadMs, falls)
      }
      this.#done(piece, nowUnixMs)
    })()
  }

  #done(piece: string, nowUnixMs: number): void {
    // Another command may have taken the file for another server, while nothing was in it.
    this.#requireSource(this.#db)
    this.#db.prepare('INSERT OR REPLACE INTO piece VALUES (?,?)').run(piece, nowUnixMs)
  }

  #hostId({ target, node, machine, labels }: HostState): number {
    const texts = [target, node, machine ?? '', JSON.stringify(labels)]
    const key = JSON.stringify(texts)
    const known = this.#hostIds.get(key)
    if (known !== undefined) return known
    this.#db.prepare('INSERT OR IGNORE INTO host (target, node, machine, labels) VALUES (?,?,?,?)').run(texts)
    const found = this.#db
      .prepare('SELECT id FROM host WHERE target = ? AND node = ? AND machine = ? AND labels = ?')
      .get(texts) as { readonly id: number }
    this.#hostIds.set(key, found.id)
    return found.id
  }

  /** States in the order of edges, and of hosts as they were first heard. */
  *states(fromUnixMs: number, untilUnixMs: number): Generator<HostState & { readonly edgeUnixMs: number }> {
    const hosts = this.#hosts()
    const rows = this.#db
      .prepare('SELECT * FROM host_state WHERE edge_ms >= ? AND edge_ms < ? ORDER BY edge_ms, host')
      .safeIntegers()
      .iterate(fromUnixMs, untilUnixMs)
    for (const row of rows as Iterable<StateRow>) {
      yield {
        ...(hosts.get(row.host) as HostIdentity),
        edgeUnixMs: Number(row.edge_ms),
        untilUnixMs: row.until_ms === null ? null : Number(row.until_ms),
        energyUj: row.energy_uj,
        locationUg: row.location_ug,
        marketUg: row.market_ug,
        embodiedUg: row.embodied_ug,
        siteWaterUl: row.site_water_ul,
        gridWaterUl: row.grid_water_ul,
        unaccountedMs: row.unaccounted_ms,
        uncertaintyPpm: row.uncertainty_ppm,
        puePpm: row.pue_ppm,
        isModelled: row.modelled === 1n,
        chipIdleUj: row.chip_idle_uj,
        chipDynamicUj: row.chip_dynamic_uj,
        partsUj: row.parts_uj,
      }
    }
  }

  #hosts(): Map<bigint, HostIdentity> {
    const rows = this.#db.prepare('SELECT * FROM host').safeIntegers().all() as readonly HostRow[]
    return new Map(
      rows.map(({ id, target, node, machine, labels }) => [
        id,
        { target, node, machine: machine === '' ? null : machine, labels: JSON.parse(labels) },
      ]),
    )
  }

  *meterHours(fromUnixMs: number, untilUnixMs: number): Generator<MeterHour & { readonly meter: string }> {
    const rows = this.#db
      .prepare('SELECT * FROM meter_hour WHERE hour_ms >= ? AND hour_ms < ? ORDER BY meter, hour_ms')
      .safeIntegers()
      .iterate(fromUnixMs, untilUnixMs)
    for (const row of rows as Iterable<MeterRow>) {
      yield {
        meter: row.meter,
        hourUnixMs: Number(row.hour_ms),
        amount: row.amount,
        coveredMs: Number(row.covered_ms),
        spreadMs: Number(row.spread_ms),
        falls: Number(row.falls),
      }
    }
  }

  close(): void {
    this.#db.close()
  }
}

type HostIdentity = Pick<HostState, 'target' | 'node' | 'machine' | 'labels'>

interface HostRow {
  readonly id: bigint
  readonly target: string
  readonly node: string
  readonly machine: string
  readonly labels: string
}

interface StateRow {
  readonly edge_ms: bigint
  readonly host: bigint
  readonly until_ms: bigint | null
  readonly energy_uj: bigint | null
  readonly location_ug: bigint | null
  readonly market_ug: bigint | null
  readonly embodied_ug: bigint | null
  readonly site_water_ul: bigint | null
  readonly grid_water_ul: bigint | null
  readonly unaccounted_ms: bigint | null
  readonly uncertainty_ppm: bigint | null
  readonly pue_ppm: bigint | null
  readonly modelled: bigint
  readonly chip_idle_uj: bigint | null
  readonly chip_dynamic_uj: bigint | null
  readonly parts_uj: bigint | null
}

interface MeterRow {
  readonly meter: string
  readonly hour_ms: bigint
  readonly amount: bigint
  readonly covered_ms: bigint
  readonly spread_ms: bigint
  readonly falls: bigint
}
