import { shareOut } from '../../model/share.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { HostState } from '../ledger/rows.ts'
import { type Place, placeOf, type Topology } from '../topology.ts'

export const MASS_KEYS = ['locationUg', 'marketUg', 'embodiedUg', 'siteWaterUl', 'gridWaterUl'] as const
export type MassKey = (typeof MASS_KEYS)[number]

/** One host in one closed UTC hour. */
export interface HostHour extends Readonly<Record<MassKey, bigint | null>> {
  readonly host: Host
  readonly place: Place | null
  readonly hourUnixMs: number
  readonly energyUj: bigint
  /** True where only the sum of several hours is known, of which this has an even share. */
  readonly isSpread: boolean
  readonly coveredMs: number
  /** 95 %, relative. */
  readonly uncertainty: number
  readonly isModelled: boolean
  /** Shares of its processors, memory and accelerators when they did nothing, and beyond; null where nobody splits it. */
  readonly chips: Chips | null
  /** By which its emissions are counted. */
  readonly pue: number
}

export interface Chips {
  readonly idle: number
  readonly dynamic: number
}

/** A machine, whatever it was called and wherever it was read from. */
export interface Host {
  /** Its machine, or its name until it tells that. */
  key: string
  /** Its last name. */
  node: string
  /** Edges at which it was heard of. */
  readonly seen: { first: number; last: number; count: number }
  /** Places that it told, in their order in time. */
  readonly places: { readonly place: Place | null; readonly sinceUnixMs: number }[]
  /** Targets beside the one that counts, which are the same machine. */
  readonly doubles: Set<string>
  /** Edges at which its settled account was behind. */
  lateEdges: number
  /** Edges at which its total had fallen: its ledger was begun anew. */
  readonly resets: number[]
  /** Its labels name another place than the topology file. */
  readonly contradictions: Set<string>
}

/** Without a figure of its own a host is as sure as an estimate. */
const UNKNOWN_UNCERTAINTY = 0.3

interface Last {
  readonly state: HostState
  readonly unaccountedMs: bigint | null
  /** As it told half an hour after the edge, which is the middle of the hour that begins there. */
  readonly place: Place | null
}

/** Turns states at edges into hours: differences of each machine first, so that one that is gone is no reset of a sum. */
export class HostHours {
  readonly hosts = new Map<string, Host>()
  readonly #topology: Topology
  readonly #last = new Map<string, Last>()
  /** What a target that goes by a name has told that it is: older agents do not tell. */
  readonly #machines = new Map<string, string>()
  /** By the labels of a host as the ledger has it, since most never change. */
  readonly #places = new WeakMap<HostState['labels'], Place | null>()

  constructor(topology: Topology) {
    this.#topology = topology
  }

  /** The hours that have become known with a state; none for a double, a first one or one that is late. */
  add(state: HostState & { readonly edgeUnixMs: number }): readonly HostHour[] {
    const key = this.#keyOf(state)
    const host = this.#hostOf(key, state)
    if (!this.#counts(state, host)) return []
    if (state.untilUnixMs === null || state.energyUj === null) return []
    if (state.untilUnixMs !== state.edgeUnixMs) host.lateEdges += 1
    // With a clock that is far ahead it would have used its energy in hours that are to come.
    if (state.untilUnixMs > state.edgeUnixMs + HOUR_MS || state.untilUnixMs % HOUR_MS !== 0) return []
    const last = this.#last.get(key)
    const place = host.places.at(-1)?.place ?? null
    const lastUntil = last?.state.untilUnixMs ?? null
    if (last === undefined || lastUntil === null) {
      this.#last.set(key, { state, unaccountedMs: state.unaccountedMs, place })
      return []
    }
    if (state.untilUnixMs <= lastUntil) return []
    const lost =
      state.unaccountedMs === null || last.unaccountedMs === null ? null : state.unaccountedMs - last.unaccountedMs
    this.#last.set(key, { state, unaccountedMs: state.unaccountedMs ?? last.unaccountedMs, place })
    if (state.energyUj < (last.state.energyUj ?? 0n)) {
      host.resets.push(state.edgeUnixMs)
      return []
    }
    const count = Math.round((state.untilUnixMs - lastUntil) / HOUR_MS)
    return hoursBetween(last.state, state, {
      host,
      place: last.place,
      count,
      lostMs: Number(lost ?? 0n),
    })
  }

  #keyOf({ target, node, machine }: HostState): string {
    const heardAs = `${target}\n${node}`
    const told = this.#machines.get(heardAs)
    if (machine === null) return told ?? `node ${node}`
    this.#machines.set(heardAs, machine)
    if (!this.hosts.has(machine)) this.#rename(`node ${node}`, machine, target)
    return machine
  }

  /** The host that was known by its name alone goes on as its machine, if it is at the same target. */
  #rename(from: string, to: string, target: string): void {
    const [host, last] = [this.hosts.get(from), this.#last.get(from)]
    if (host === undefined || last?.state.target !== target) return
    host.key = to
    this.hosts.delete(from)
    this.hosts.set(to, host)
    this.#last.delete(from)
    this.#last.set(to, last)
  }

  #hostOf(key: string, state: HostState & { readonly edgeUnixMs: number }): Host {
    const edge = state.edgeUnixMs
    const host: Host = this.hosts.get(key) ?? {
      key,
      node: state.node,
      seen: { first: edge, last: edge, count: 0 },
      places: [],
      doubles: new Set(),
      lateEdges: 0,
      resets: [],
      contradictions: new Set(),
    }
    this.hosts.set(key, host)
    host.node = state.node
    return host
  }

  /** Of several targets that are one machine the first counts, in the order of states. */
  #counts(state: HostState & { readonly edgeUnixMs: number }, host: Host): boolean {
    const edge = state.edgeUnixMs
    const isAgain = host.seen.count > 0 && host.seen.last === edge
    if (isAgain) {
      // What one target told before and after it began to tell its machine is no double.
      if (this.#last.get(host.key)?.state.target !== state.target) host.doubles.add(state.target)
      return false
    }
    host.seen.last = edge
    host.seen.count += 1
    const known = this.#places.get(state.labels)
    const place = known === undefined ? placeOf(this.#topology, state) : known
    this.#places.set(state.labels, place)
    if (host.places.at(-1)?.place !== place || host.places.length === 0) host.places.push({ place, sinceUnixMs: edge })
    this.#compare(place, state, host)
    return true
  }

  /** Where the file names the host, its labels must not say otherwise. */
  #compare(place: Place | null, { labels }: HostState, { contradictions }: Host): void {
    for (let at = place; at !== null; at = at.parent) {
      const told = labels[at.level]
      if (told !== undefined && told !== at.label) contradictions.add(`${at.level}=${told} and not ${at.label}`)
    }
  }
}

function hoursBetween(
  from: HostState,
  to: HostState,
  {
    host,
    place,
    count,
    lostMs,
  }: { readonly host: Host; readonly place: Place | null; readonly count: number; readonly lostMs: number },
): HostHour[] {
  const even = Array.from({ length: count }, () => 1n)
  const parts = (key: 'energyUj' | MassKey): (bigint | null)[] => {
    const [a, b] = [from[key], to[key]]
    // A figure that fell is not known for that time, and never negative.
    if (a === null || b === null || b < a) return even.map(() => null)
    return count === 1 ? [b - a] : shareOut(b - a, even)
  }
  const [energy, ...masses] = [parts('energyUj'), ...MASS_KEYS.map(parts)]
  const chips = chipsBetween(from, to)
  const coveredMs = Math.min(HOUR_MS, Math.max(0, HOUR_MS - lostMs / count))
  return even.map((_, n) => ({
    ...(Object.fromEntries(MASS_KEYS.map((key, m) => [key, masses[m]?.[n] ?? null])) as Record<MassKey, bigint | null>),
    host,
    place,
    hourUnixMs: (from.untilUnixMs ?? 0) + n * HOUR_MS,
    energyUj: energy?.[n] ?? 0n,
    isSpread: count > 1,
    coveredMs,
    uncertainty: to.uncertaintyPpm === null ? UNKNOWN_UNCERTAINTY : Number(to.uncertaintyPpm) / 1e6,
    isModelled: to.isModelled,
    chips,
    pue: Math.max(1, Number(to.puePpm ?? 0n) / 1e6),
  }))
}

/** By shares: what is live at an edge is some seconds off what is settled of it. */
function chipsBetween(from: HostState, to: HostState): Chips | null {
  const grown = (key: 'chipIdleUj' | 'chipDynamicUj' | 'partsUj') =>
    Number(to[key] ?? Number.NaN) - Number(from[key] ?? Number.NaN)
  const [idle, dynamic, all] = [grown('chipIdleUj'), grown('chipDynamicUj'), grown('partsUj')]
  const isSplit = idle >= 0 && dynamic >= 0 && all > 0 && idle + dynamic <= all
  return isSplit ? { idle: idle / all, dynamic: dynamic / all } : null
}
