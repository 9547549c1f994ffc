/** From the outside in. A site may leave levels out. */
export const LEVELS = ['campus', 'room', 'row', 'rack'] as const
export type Level = (typeof LEVELS)[number]

/** Electricity from the grid's side to the rack's, then what leaves that way and what is no electricity. */
export const MEASURES = ['main', 'ups', 'pdu', 'cooling', 'water', 'heat'] as const
export type Measure = (typeof MEASURES)[number]

export const UNITS = ['W', 'kW', 'MW', 'J', 'kJ', 'MJ', 'Wh', 'kWh', 'MWh', 'l', 'm3'] as const
export type Unit = (typeof UNITS)[number]

/** What one of a unit is: watts now, or joules or litres of a counter. */
export const UNIT_OF: Readonly<Record<Unit, { readonly kind: 'power' | 'energy' | 'volume'; readonly base: number }>> =
  {
    W: { kind: 'power', base: 1 },
    kW: { kind: 'power', base: 1e3 },
    MW: { kind: 'power', base: 1e6 },
    J: { kind: 'energy', base: 1 },
    kJ: { kind: 'energy', base: 1e3 },
    MJ: { kind: 'energy', base: 1e6 },
    Wh: { kind: 'energy', base: 3.6e3 },
    kWh: { kind: 'energy', base: 3.6e6 },
    MWh: { kind: 'energy', base: 3.6e9 },
    l: { kind: 'volume', base: 1 },
    m3: { kind: 'volume', base: 1e3 },
  }

export interface Place {
  readonly name: string
  readonly level: Level
  /** What its hosts carry as the label of its level. */
  readonly label: string
  readonly parent: Place | null
  readonly children: readonly Place[]
  /** Nodes, or `machine:` and the id of one. Empty where hosts are known by their labels. */
  readonly hosts: readonly string[]
  /** Of this place itself, not of those in it. */
  readonly meters: readonly Meter[]
}

export interface Meter {
  readonly name: string
  readonly measures: Measure
  readonly place: Place
  /** The meter that feeds it; null for the outermost. */
  readonly behind: Meter | null
  /** A selector of PromQL. */
  readonly series: string
  readonly unit: Unit
  /** A value of the series times this is watts, joules or litres. */
  readonly scale: number
  /** Relative half-width of the 95 % interval. */
  readonly uncertaintyRatio: number
  readonly sinceUnixMs: number | null
  readonly untilUnixMs: number | null
}

/** Where hosts stand and what measures there. */
export interface Topology {
  /** The outermost, in the order of the file, as are all in a place. */
  readonly roots: readonly Place[]
  readonly places: ReadonlyMap<string, Place>
  readonly meters: ReadonlyMap<string, Meter>
  /** Those that the file names, each with its one place. */
  readonly hosts: ReadonlyMap<string, Place>
  /** All places by their level and label: see `labelKey`. */
  readonly labelled: ReadonlyMap<string, readonly Place[]>
}

/** A host as its agent describes it in `wattledger_node_info`. */
export interface KnownHost {
  readonly node: string
  readonly machine: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** The place and those around it, from the campus in. */
export function pathOf(place: Place): readonly Place[] {
  return place.parent === null ? [place] : [...pathOf(place.parent), place]
}

/** The place and all that is in it. */
export function within(place: Place): readonly Place[] {
  return [place, ...place.children.flatMap(within)]
}

/** The labels of a place and those around it: `{ campus: 'fra1', rack: 'r12' }`. */
export function labelsOf(place: Place): Readonly<Record<string, string>> {
  return Object.fromEntries(pathOf(place).map(({ level, label }) => [level, label]))
}

export const labelKey = (level: Level, label: string): string => `${level}=${label}`

/** Where the file puts a host: by its machine, by its node, or else by its labels. Null where it does not say. */
export function placeOf(topology: Topology, { node, machine, labels }: KnownHost): Place | null {
  return topology.hosts.get(`machine:${machine}`) ?? topology.hosts.get(node) ?? byLabels(topology, labels)
}

/** The one innermost place whose label the host carries, where it carries none that another place around it has. */
function byLabels({ labelled }: Topology, labels: KnownHost['labels']): Place | null {
  for (const level of LEVELS.toReversed()) {
    const candidates =
      labelled.get(labelKey(level, labels[level] ?? ''))?.filter((place) => agrees(place, labels)) ?? []
    if (candidates.length > 0) return candidates.length === 1 ? (candidates[0] ?? null) : null
  }
  return null
}

function agrees(place: Place, labels: KnownHost['labels']): boolean {
  return pathOf(place).every(({ level, label }) => (labels[level] ?? label) === label)
}
