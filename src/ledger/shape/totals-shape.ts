import type { AttributionState, ConsumerTotal, PartStates, TenantTotal } from '../../model/attribution.ts'
import type { ChannelState, LeafModelState, LedgerState, NodeModelState, NodeState } from '../../model/batch.ts'
import type { ByBasis, CarbonTotals, EmissionAccount } from '../../model/carbon.ts'
import type { ChannelKey } from '../../model/channel.ts'
import type { Consumer, ConsumerKind } from '../../model/consumer.ts'
import type { Footprint } from '../../model/footprint.ts'
import { PARTS, type Part } from '../../model/part.ts'
import { QUALITIES, type Quality } from '../../model/posting.ts'
import {
  count,
  dictionary,
  difference,
  flag,
  list,
  matching,
  object,
  oneOf,
  optional,
  orNull,
  register,
  type Shape,
  text,
  total,
  unixMs,
  word,
} from '../../model/shape.ts'
import type { KeptTotals, LedgerTotals } from '../ledger-totals.ts'
import type { Settlement } from '../settlement/settlement.ts'
import type { Sums, TenantSum } from '../settlement/sums.ts'

/*
 * What the totals consist of wherever they are read: a checksum tells that they are what was written, and not that this version
 * wrote them.
 */

export const quality: Shape<Quality> = oneOf(QUALITIES)
export const part: Shape<Part> = oneOf(PARTS)
export const channelKey = matching<ChannelKey>(/^[^/]+\/[^/]+\/./s)

/** Of somebody who is part of another as well. */
export const consumer: Shape<Consumer> = (found) => whose(found)
const whose = object<Consumer>({
  kind: word<ConsumerKind>(),
  id: text,
  name: text,
  labels: dictionary(text),
  within: optional(consumer),
})

const byAccount = (mass: Shape<bigint>): Shape<Readonly<Record<EmissionAccount, ByBasis>>> => {
  const byBasis = object<ByBasis>({ direct: mass, 'life-cycle': mass })
  return object({ location: byBasis, market: byBasis, embodied: byBasis })
}
const footprint = (figure: Shape<bigint>) => ({ co2eUg: byAccount(figure), siteWaterUl: figure, gridWaterUl: figure })

const attribution = object<AttributionState>({
  consumers: list(
    object<ConsumerTotal>({
      consumer,
      tenant: text,
      idleUj: total,
      dynamicUj: total,
      booked: object<Footprint>(footprint(difference)),
      bornUnixMs: unixMs,
      goneUnixMs: orNull(unixMs),
    }),
  ),
  tenants: list(object<TenantTotal>({ tenant: text, idleUj: total, dynamicUj: total })),
  parts: optional(list(object<PartStates>({ part, idleUj: total, dynamicUj: total, waitingUj: difference }))),
  // They are of the moment.
  accelerators: () => null,
  attributedUj: difference,
  attributedBooked: object<Footprint>(footprint(difference)),
  idle: dictionary(text),
  lastUse: text,
})

const nodeRest = {
  parts: list(object<NodeState['parts'][number]>({ part, quality, energyUj: total })),
  leaves: list(text),
  missing: list(object<NodeState['missing'][number]>({ name: text, sinceNs: difference })),
  leafGaps: list(object<NodeState['leafGaps'][number]>({ name: text, unaccountedNs: total })),
}
const carbonRest = { bookedUg: byAccount(total), correctionUg: byAccount(difference), claimedUj: dictionary(total) }

/** The members of what has no column of its own, each by itself: one that does not fit takes no other with it. */
export const REST_MEMBERS = {
  node: object<Pick<NodeState, 'parts' | 'leaves' | 'missing' | 'leafGaps'>>(nodeRest),
  carbon: object<Pick<CarbonTotals, 'bookedUg' | 'correctionUg' | 'claimedUj'>>(carbonRest),
  attribution: orNull(attribution),
  ceilings: dictionary(total),
  nodeModels: list(object<NodeModelState>({ meter: text, changes: total, isNewest: flag, learned: text })),
  leafModels: optional(list(object<LeafModelState>({ name: text, learned: text }))),
}

const channel = object<ChannelState>({
  key: channelKey,
  energyUj: total,
  unaccountedNs: total,
  wraps: count,
  resets: count,
  last: orNull(object({ count: orNull(register), atNs: difference, register: text })),
  unsettled: orNull(object({ fromNs: difference, energyUj: total })),
})

export const state = object<LedgerState>({
  ...REST_MEMBERS,
  bornUnixMs: unixMs,
  bootId: text,
  atUnixMs: unixMs,
  atMonotonicNs: difference,
  channels: list(channel),
  node: object<NodeState>({
    ...nodeRest,
    energyUj: object<Record<Quality, bigint>>({ measured: total, derived: total, estimated: total }),
    unaccountedNs: total,
    settledNs: orNull(difference),
    meter: orNull(text),
  }),
  carbon: object<CarbonTotals>({ ...carbonRest, siteWaterUl: total, gridWaterUl: total }),
  selfEnergyUj: total,
})

const settled = { energyUj: total, ...footprint(total) }
const sums = object<Sums>({
  node: object(settled),
  tenants: list(object<TenantSum>({ tenant: text, ...settled })),
})
const settlement = object<Settlement>({ untilUnixMs: unixMs, hourUnixMs: unixMs, settled: orNull(sums), late: sums })

const members = { state, settlement: orNull(settlement) }
export const LEDGER_TOTALS = object<LedgerTotals>(members)
export const KEPT_TOTALS = object<KeptTotals>({ ...members, trustedUnixMs: unixMs })
