import { type Channel, isLog, type Scope } from '../model/channel.ts'
import { comparePart, compareWhole } from '../model/meters.ts'
import type { Part } from '../model/part.ts'
import type { ChannelAccount } from './channel-account.ts'
import { Leaf } from './leaf.ts'
import { channelSource, memoryModel } from './leaf-source.ts'
import { kindOf } from './siblings.ts'
import { WholeMeter } from './whole-meter.ts'

/** The machine as its channels and its model know it. */
export interface MachineTree {
  /** Meters of the whole machine, best first. */
  readonly wholes: readonly WholeMeter[]
  /** What draws power beside each other, each piece of hardware once. */
  readonly leaves: readonly Leaf[]
}

/** `package` and `dram` of one socket are two leaves; a `module` holds all that lies in its socket. */
const PART_OF: Partial<Record<Scope, Part>> = {
  package: 'processors',
  dram: 'memory',
  gpu: 'accelerators',
  module: 'processors',
}

/**
 * @param present channels of the sensors that are open
 * @param away channels of closed sensors: counters that may still go on where they were, and cards
 * @param wanted `node.meter`: `auto`, `components`, `estimate` or the name of the one meter of the machine to use
 * @param memoryGb installed memory, for sockets whose memory no channel measures
 */
export function machineTree(
  present: readonly ChannelAccount[],
  away: readonly ChannelAccount[],
  wanted: string,
  memoryGb: number,
): MachineTree {
  return { wholes: wholesOf(present, wanted), leaves: leavesOf([...present, ...away], wanted, memoryGb) }
}

function wholesOf(accounts: readonly ChannelAccount[], wanted: string): readonly WholeMeter[] {
  const byName = Map.groupBy(accounts, ({ channel }) => channel.nodeMeter)
  return [...byName]
    .flatMap(([name, [first, ...others]]) => (name && first ? [new WholeMeter(name, [first, ...others])] : []))
    .filter(({ name, channel }) => wanted === 'auto' || name === wanted || isLogOf(channel, wanted, accounts))
    .sort((a, b) => compareWhole(a.channel, b.channel))
}

const isLogOf = (channel: Channel, meter: string, accounts: readonly ChannelAccount[]): boolean =>
  isLog(channel) && accounts.some(({ key, channel: { nodeMeter } }) => key === channel.fills && nodeMeter === meter)

function leavesOf(accounts: readonly ChannelAccount[], wanted: string, memoryGb: number): readonly Leaf[] {
  const usable = accounts.filter(({ channel }) => wanted !== 'estimate' || channel.quality === 'estimated')
  const outermost = usable.filter((account) => !isInside(account, usable))
  const byHardware = Map.groupBy(outermost, ({ channel }) => leafKey(channel))
  const leaves = withoutStrangers([...byHardware.values()].flatMap((rivals) => leafOf(rivals) ?? []))
  if (leaves.length === 0) return []
  const modules = outermost.flatMap(({ channel }) => (channel.scope === 'module' ? (channel.hardware ?? []) : []))
  const others = leaves.filter(({ part }) => part !== 'memory')
  return [
    ...(others.some(({ part }) => part === 'processors')
      ? others
      : [...others, new Leaf('processors', 'socket-0', null, [])]),
    ...memoryLeaves(leaves, modules, memoryGb),
  ]
}

/** Memory of each socket: what measures it, else the estimate of that socket's, else its share of the model. */
function memoryLeaves(leaves: readonly Leaf[], modules: readonly string[], memoryGb: number): readonly Leaf[] {
  const memory = leaves.filter(({ part }) => part === 'memory')
  const metered = memory.filter(({ meters }) => meters.length > 0)
  const sockets = leaves.filter(({ part, place }) => part === 'processors' && !modules.includes(place))
  const bare =
    metered.length >= sockets.length
      ? []
      : sockets.filter(({ place }) => !metered.some((one) => overlap(one.place, place)))
  const places = [...metered, ...bare]
  const estimates = new Map(memory.map(({ place, sources }) => [place, sources]))
  // An estimate of one socket holds what it takes to be that socket's share: of other sockets it says nothing.
  const isEstimated = bare.every(({ place }) => estimates.has(place))
  return places.flatMap(({ part, place, sources }) => {
    const model = memoryGb > 0 ? [memoryModel(memoryGb / places.length)] : []
    const estimated = isEstimated ? (estimates.get(place) ?? []) : []
    const own = [...(part === 'memory' ? sources : estimated), ...model]
    return own.length > 0 ? [new Leaf('memory', place, kindOf('dram', place), own)] : []
  })
}

/** Whether a module holds the channel, or channels of the same kind know its parts. */
function isInside({ channel }: ChannelAccount, accounts: readonly ChannelAccount[]): boolean {
  const { hardware, scope } = channel
  return (
    hardware !== null &&
    accounts.some(({ channel: other }) => {
      if (other.hardware === null || other === channel) return false
      if (other.scope === 'module' && scope !== 'module') return contains(other.hardware, hardware)
      return other.scope === scope && other.hardware !== hardware && contains(hardware, other.hardware)
    })
  )
}

/** Whether a place, or the name of a leaf, is another one or one around it. */
export function contains(place: string, other: string): boolean {
  return other === place || other.startsWith(`${place}/`)
}

const overlap = (a: string, b: string): boolean => contains(a, b) || contains(b, a)

function leafKey({ scope, hardware }: Channel): string {
  return PART_OF[scope] === undefined || hardware === null ? '' : `${scope} ${hardware}`
}

function leafOf(rivals: readonly ChannelAccount[]): Leaf | null {
  const sorted = rivals.toSorted((a, b) => comparePart(a.channel, b.channel))
  const { scope, hardware } = sorted[0]?.channel ?? {}
  const part = scope && PART_OF[scope]
  const isPlain = scope !== 'module'
  return part && hardware ? new Leaf(part, hardware, kindOf(scope, hardware), sorted.map(channelSource), isPlain) : null
}

/**
 * A driver may number sockets in a way of its own. Where meters know as many sockets as the model does, a modelled one under
 * another name is one of those.
 */
function withoutStrangers(leaves: readonly Leaf[]): readonly Leaf[] {
  const sockets = leaves.filter(({ part }) => part === 'processors')
  const metered = sockets.filter(({ meters }) => meters.length > 0)
  const modelled = sockets.filter(({ sources }) => sources.some(({ quality }) => quality === 'estimated'))
  if (metered.length < modelled.length) return leaves
  return leaves.filter(({ part, meters }) => part !== 'processors' || meters.length > 0)
}
