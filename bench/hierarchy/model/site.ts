/** Mean powers of an hour in W. What a meter did not tell is null. */
export interface RackHour {
  /** Of the hosts that a meter measures. */
  readonly meteredW: number
  /** Of the hosts that an estimate stands for, as a whole. */
  readonly estimatedW: number
  /** Standard uncertainty of that: estimates of one rack err the same way. */
  readonly estimatedSdW: number
  /** What goes into the rack. */
  readonly rackW: number | null
}

export interface RoomHour {
  readonly racks: readonly RackHour[]
  /** What goes into the room's supplies: UPS, transformers and all behind them. */
  readonly supplyW: number | null
}

export interface Weather {
  readonly dryC: number
  readonly wetC: number
}

export interface SiteHour {
  readonly rooms: readonly RoomHour[]
  readonly weather: Weather | null
  readonly coolingW: number | null
  /** The building's main. */
  readonly mainW: number | null
}

/** Relative standard uncertainties (k = 1) of what measures. */
export interface MeterClasses {
  readonly host: number
  readonly rack: number
  readonly supply: number
  readonly cooling: number
  readonly main: number
}
