/** What a scrape of one host told at an edge between two hours. Null: it did not tell. */
export interface HostState {
  /** Labels that its scraper gave it: the place from which it was read. */
  readonly target: string
  readonly node: string
  readonly machine: string | null
  /** All labels of `wattledger_node_info` that are neither its own nor the target's. */
  readonly labels: Readonly<Record<string, string>>
  /** Up to where the settled totals count. */
  readonly untilUnixMs: number | null
  readonly energyUj: bigint | null
  readonly locationUg: bigint | null
  readonly marketUg: bigint | null
  readonly embodiedUg: bigint | null
  readonly siteWaterUl: bigint | null
  readonly gridWaterUl: bigint | null
  /** Of all time until the edge, live. */
  readonly unaccountedMs: bigint | null
  /** 95 %, relative, of the hour before the edge, in millionths. */
  readonly uncertaintyPpm: bigint | null
  /** By which it counts its own emissions, in millionths. */
  readonly puePpm: bigint | null
  /** Of its processors, memory and accelerators when they did nothing and beyond, and of all parts: live, by their shares alone. */
  readonly chipIdleUj: bigint | null
  readonly chipDynamicUj: bigint | null
  readonly partsUj: bigint | null
  /** True where a model stands for a meter of the machine. */
  readonly isModelled: boolean
}

/** What a meter of the site measured in an hour: µJ, or µl. */
export interface MeterHour {
  readonly hourUnixMs: number
  readonly amount: bigint
  readonly coveredMs: number
  /** Time for which only the sum is known, not when it was used. */
  readonly spreadMs: number
  /** Times that its counter fell. */
  readonly falls: number
}
