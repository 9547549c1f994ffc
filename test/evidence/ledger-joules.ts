import Database from 'better-sqlite3'

/** Energy of a time by the ledger's rows, each of which is of a few seconds at one power. */
export function ledgerJoules(path: string, fromS: number, untilS: number): number {
  const db = new Database(path, { readonly: true })
  const overlap = 'min(start_unix_ms + duration_ms, :untilMs) - max(start_unix_ms, :fromMs)'
  const rows = `SELECT sum(energy_uj * 1.0 * (${overlap}) / duration_ms) FROM node_raw WHERE ${overlap} > 0`
  const energyUj = db
    .prepare(rows)
    .pluck()
    .get({ fromMs: fromS * 1e3, untilMs: untilS * 1e3 }) as number
  db.close()
  return energyUj / 1e6
}
