import type Database from 'better-sqlite3'
import type { ConsumerRow } from '../../model/attribution.ts'
import { floorTo, HOUR_MS } from '../../model/time.ts'
import type { ConsumerIds } from './consumer-ids.ts'

export const ADD_TO_HOUR = `
INSERT INTO consumer_hour VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET idle_uj = idle_uj + excluded.idle_uj, dynamic_uj = dynamic_uj + excluded.dynamic_uj`

/** The node's energy by who used it, in UTC hours. */
export class ConsumerRows {
  readonly #ids: ConsumerIds
  readonly #add: Database.Statement

  constructor(db: Database.Database, ids: ConsumerIds) {
    this.#ids = ids
    this.#add = db.prepare(ADD_TO_HOUR)
  }

  add({ hourUnixMs, consumer, tenant, idleUj, dynamicUj }: ConsumerRow): void {
    if (idleUj === 0n && dynamicUj === 0n) return
    const hour = floorTo(HOUR_MS, hourUnixMs)
    this.#add.run(hour, this.#ids.of(consumer, hour), tenant, idleUj, dynamicUj)
  }
}
