import { inSlices } from '../io/slices.ts'
import { type Consumer, consumerKey } from '../model/consumer.ts'
import { permittedGroups, permittedUnits } from './accelerator-devices.ts'
import { textOf } from './accelerator-files.ts'
import { givenDevices, podGroup } from './accelerator-kubelet.ts'
import { consumerOf } from './consumer-of.ts'

export interface Weighted {
  readonly consumer: Consumer
  readonly weight: bigint
}

/** Who was given a card or an instance of MIG. */
export interface Allocation {
  readonly holders: readonly Weighted[]
  /** Weight of what nobody was given yet. */
  readonly free: bigint
}

/** Who has accelerators without a process on them, as far as files tell. */
export interface Allocations {
  /** By UUID of the card or the instance. */
  of(uuid: string): Allocation | null
  /**
   * Groups that may open the card by name, in equal shares. Where there are several `cards`, whoever may open each of them,
   * as monitors may, was given none in particular.
   */
  permitted(minor: bigint | null, cards: readonly bigint[]): readonly Weighted[]
}

export const NO_ALLOCATIONS: Allocations = { of: () => null, permitted: () => [] }

export interface AllocationFiles {
  /** The kubelet's checkpoint of its devices. */
  readonly checkpoint: string
  /** The tree of control groups in which pods are found. */
  readonly groups: string
  /** The tree of the device controller of cgroup v1. */
  readonly devices: string
  /** Transient units of systemd. */
  readonly units: string
  /** Whoever asks: it may open all cards and holds none. */
  readonly self: Consumer
}

/** A hundred pods have some hundred KB. */
const MOST_CHECKPOINT_BYTES = 1 << 22

/** Reads them anew. What is not there, or only root may read, tells nothing. */
export async function readAllocations(files: AllocationFiles, signal: AbortSignal): Promise<Allocations> {
  const given = new Map(
    givenDevices(textOf(files.checkpoint, MOST_CHECKPOINT_BYTES), (uid) => podGroup(files.groups, uid)).map(
      ({ uuid, replicas, pods }) => {
        const holders = [...pods].map(([group, weight]) => ({ consumer: consumerOf(group), weight }))
        const taken = holders.reduce((sum, { weight }) => sum + weight, 0n)
        return [uuid, { holders, free: replicas > taken ? replicas - taken : 0n }]
      },
    ),
  )
  const groups = await inSlices(permittedGroups(files.devices), signal)
  const units = await inSlices(permittedUnits(files.units), signal)
  const permitted = new Map(
    [...groups.keys(), ...units.keys()].map((minor) => {
      const paths = [...(groups.get(minor) ?? []), ...(units.get(minor) ?? [])]
      return [minor, consumersOf(paths, files.self)]
    }),
  )
  return {
    of: (uuid) => given.get(uuid) ?? null,
    permitted(minor, cards) {
      const holders = minor === null ? [] : (permitted.get(minor) ?? [])
      const mayAll = ({ consumer }: Weighted): boolean =>
        cards.length > 1 &&
        cards.every((card) => permitted.get(card)?.some((other) => isSame(other.consumer, consumer)))
      return holders.filter((holder) => !mayAll(holder))
    },
  }
}

function isSame(one: Consumer, other: Consumer): boolean {
  return consumerKey(one) === consumerKey(other)
}

function consumersOf(paths: readonly string[], self: Consumer): readonly Weighted[] {
  const consumers = new Map(paths.map(consumerOf).map((consumer) => [consumerKey(consumer), consumer]))
  consumers.delete(consumerKey(self))
  return [...consumers.values()].filter(({ kind }) => kind !== 'slice').map((consumer) => ({ consumer, weight: 1n }))
}
