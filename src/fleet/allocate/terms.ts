/** What a row of a term holds: its time, whose it is, and numbers. */
export interface TermShape {
  /** `stretch`: columns start and end, full hours. `day`: a column day, of UTC. `whole`: of all of the time. */
  readonly time: 'stretch' | 'day' | 'whole'
  readonly names: readonly string[]
  readonly numbers: readonly string[]
}

/** The inputs of an allocation, in the order in which they are read: later ones name what earlier ones declare. */
export const TERMS = {
  machines: { time: 'stretch', names: ['cluster', 'machine', 'owner'], numbers: ['idle_w'] },
  power: { time: 'stretch', names: ['machine'], numbers: ['power_w'] },
  reservations: { time: 'stretch', names: ['cluster', 'user'], numbers: ['gcu', 'ram_gib', 'ssd_tib', 'hdd_tib'] },
  usage: { time: 'stretch', names: ['machine', 'user'], numbers: ['gcu'] },
  service_usage: { time: 'stretch', names: ['cluster', 'service', 'user'], numbers: ['gcu', 'ssd_tib', 'hdd_tib'] },
  net_costs: { time: 'day', names: ['service', 'user'], numbers: ['cost'] },
  direct_costs: { time: 'day', names: ['user'], numbers: ['cost'] },
  pue: { time: 'stretch', names: ['cluster'], numbers: ['pue'] },
  intensity: { time: 'stretch', names: ['cluster'], numbers: ['g_per_kwh'] },
  regions: { time: 'whole', names: ['cluster', 'region'], numbers: [] },
  prices: { time: 'whole', names: ['sku', 'product'], numbers: ['list_price'] },
  sales: { time: 'whole', names: ['sku', 'region', 'customer'], numbers: ['units'] },
} as const satisfies Readonly<Record<string, TermShape>>

export type TermName = keyof typeof TERMS
export const TERM_NAMES = Object.keys(TERMS) as TermName[]

const TIME_COLUMNS = { stretch: ['start', 'end'], day: ['day'], whole: [] } as const

/** The columns of a term's file. */
export function columnsOf(name: TermName): readonly string[] {
  const { time, names, numbers }: TermShape = TERMS[name]
  return [...TIME_COLUMNS[time], ...names, ...numbers]
}
