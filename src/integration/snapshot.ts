import type { AttributionTotals, ConsumerTotal, Settled } from '../model/attribution.ts'
import type { ChannelState, LedgerHealth, NodeTotals } from '../model/batch.ts'
import { type CarbonAccount, type CarbonTotals, EMISSION_ACCOUNTS, INTENSITY_BASES } from '../model/carbon.ts'
import type { Scope } from '../model/channel.ts'
import { FIGURES, figureOf, figuresOf, footprintOf } from '../model/footprint.ts'
import { PARTS } from '../model/part.ts'
import { QUALITIES } from '../model/posting.ts'
import type { ChannelSnapshot, NodeIdentity, SensorSnapshot, Snapshot } from '../model/snapshot.ts'
import type { WorkloadSnapshot } from '../model/workload.ts'
import type { Gauges } from './gauges.ts'
import { channelTotal, consumerTotal, type TotalsState } from './shown-totals.ts'

export interface SnapshotInput {
  readonly atUnixMs: number
  readonly node: NodeIdentity
  readonly totals: TotalsState
  /** What may be shown of a total, and whether that is all of each. */
  readonly shown: (name: string, total: bigint) => bigint
  readonly isAllShown: boolean
  readonly gauges: Gauges
  readonly sensors: readonly SensorSnapshot[]
  readonly carbon: CarbonAccount
  readonly ledger: LedgerHealth
  readonly settled: Settled | null
  readonly workloads: readonly WorkloadSnapshot[]
}

/** Totals as far as they may be shown, gauges as they are now. */
export function snapshotOf({ totals, shown, isAllShown, gauges, carbon, node, ...rest }: SnapshotInput): Snapshot {
  const channels = new Map(totals.channels.map((state) => [state.key, state]))
  return {
    ...rest,
    node: {
      ...node,
      totals: nodeTotals(totals.node, shown),
      meter: gauges.node?.meter ?? null,
      powerUw: gauges.node?.powerUw ?? null,
      uncertaintyRatio: gauges.uncertaintyRatio,
      leaves: gauges.leaves,
      partShares: PARTS.flatMap((part) => {
        const share = {
          part,
          electricity: gauges.partShares.get(part) ?? null,
          making: carbon.embodiedShares.get(part) ?? null,
        }
        return share.electricity === null && share.making === null ? [] : share
      }),
      partsExceedMeter: gauges.partsExceedMeter,
      models: totals.nodeModels.map(({ meter, changes }) => ({
        meter,
        changes: Number(shown(`model/${meter}/changes`, changes)),
      })),
      modelResidualW: gauges.modelResidualW,
    },
    channels: gauges.channels.map((gauge) => channelOf(gauge, channels.get(gauge.key), shown)),
    carbon: carbonTotals(totals.carbon, shown),
    counted: carbon.counted,
    intensities: carbon.intensities(),
    puePpm: carbon.puePpm,
    selfEnergyUj: shown('self', totals.selfEnergyUj),
    attribution: isAllShown ? totals.attribution : totals.attribution && attributionTotals(totals.attribution, shown),
  }
}

type Shown = SnapshotInput['shown']

/** The machine's energy goes as far ahead as its parts', so that they sum to it also where some stand at their ceilings. */
function nodeTotals({ energyUj, parts, unaccountedNs, leafGaps }: NodeTotals, shown: Shown): NodeTotals {
  const shownUj = { ...energyUj }
  const shownParts = PARTS.flatMap((part) =>
    QUALITIES.map((quality) => {
      const totalUj = parts.find((one) => one.part === part && one.quality === quality)?.energyUj ?? 0n
      const partUj = shown(`part/${part}/${quality}`, totalUj)
      shownUj[quality] += partUj - totalUj
      return { part, quality, energyUj: partUj }
    }),
  )
  return {
    energyUj: shownUj,
    parts: shownParts,
    unaccountedNs: shown('node/unaccounted', unaccountedNs),
    leafGaps: leafGaps.map(({ name, unaccountedNs }) => ({
      name,
      unaccountedNs: shown(`leaf/${name}/unaccounted`, unaccountedNs),
    })),
  }
}

function channelOf(
  { key, powerUw, hasRegister, canWrap }: Gauges['channels'][number],
  state: ChannelState | undefined,
  shown: Shown,
): ChannelSnapshot {
  const [sensor = '', scope = '', ...device] = key.split('/')
  const of = (what: Parameters<typeof channelTotal>[1], total: bigint) => shown(channelTotal(key, what), total)
  return {
    sensor,
    scope: scope as Scope,
    device: device.join('/'),
    energyUj: of('energy', state?.energyUj ?? 0n),
    unaccountedNs: of('unaccounted', state?.unaccountedNs ?? 0n),
    powerUw,
    register: hasRegister
      ? {
          wraps: canWrap ? Number(of('wraps', BigInt(state?.wraps ?? 0))) : null,
          resets: Number(of('resets', BigInt(state?.resets ?? 0))),
        }
      : null,
  }
}

function attributionTotals(
  { consumers, tenants, parts = [], ...rest }: AttributionTotals,
  shown: Shown,
): AttributionTotals {
  return {
    ...rest,
    parts: parts.map((one) => ({
      ...one,
      idleUj: shown(`state/${one.part}/idle`, one.idleUj),
      dynamicUj: shown(`state/${one.part}/dynamic`, one.dynamicUj),
    })),
    consumers: consumers.map((one) => shownConsumer(one, shown)),
    tenants: tenants.map(({ tenant, idleUj, dynamicUj }) => ({
      tenant,
      idleUj: shown(`tenant/${tenant}/idle`, idleUj),
      dynamicUj: shown(`tenant/${tenant}/dynamic`, dynamicUj),
    })),
  }
}

/** The same object where all of it may be shown, as nearly always. */
function shownConsumer(one: ConsumerTotal, shown: Shown): ConsumerTotal {
  const idleUj = shown(consumerTotal(one, 'idle'), one.idleUj)
  const dynamicUj = shown(consumerTotal(one, 'dynamic'), one.dynamicUj)
  const booked = shownFootprint(one, shown)
  const isAll = idleUj === one.idleUj && dynamicUj === one.dynamicUj && booked === one.booked
  return isAll ? one : { ...one, idleUj, dynamicUj, booked }
}

function shownFootprint(one: ConsumerTotal, shown: Shown): ConsumerTotal['booked'] {
  const { booked } = one
  let figures: bigint[] | null = null
  for (let index = 0; index < FIGURES.length; index++) {
    const name = FIGURES[index]
    const figure = figureOf(booked, index)
    if (name === undefined || figure === 0n) continue
    const may = shown(consumerTotal(one, name), figure)
    if (may === figure) continue
    figures ??= figuresOf(booked)
    figures[index] = may
  }
  return figures === null ? booked : footprintOf(figures)
}

function carbonTotals(carbon: CarbonTotals, shown: Shown): CarbonTotals {
  const perAccount = EMISSION_ACCOUNTS.map((account) => {
    const perBasis = INTENSITY_BASES.map((basis) => [
      basis,
      shown(`co2e/${account}/${basis}`, carbon.bookedUg[account][basis]),
    ])
    return [account, Object.fromEntries(perBasis)]
  })
  return {
    ...carbon,
    bookedUg: Object.fromEntries(perAccount) as CarbonTotals['bookedUg'],
    siteWaterUl: shown('water/site', carbon.siteWaterUl),
    gridWaterUl: shown('water/grid', carbon.gridWaterUl),
  }
}
