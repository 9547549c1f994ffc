/** Something that happened, as the ledger keeps it for people. */
export interface EventRow {
  readonly atUnixMs: number
  /** lower_snake name: `meter_changed`, `sensor_lost`, `clock_jumped`, ... */
  readonly what: string
  readonly detail: string
}
