import { HOUR_MS } from '../../model/time.ts'
import type { Place } from '../topology.ts'
import { type FleetAccount, type HostSeries, hourAt, isThere, metered, placeAt, WHOLE } from './account.ts'
import { type Adjustment, adjustAll, type Balance } from './adjust.ts'
import { type SuppliedPlace, suppliedPlaces, supplierOf } from './supply.ts'

/** A metered place over the time: what went in, and where it is known to have gone. */
export interface PlaceBalance {
  readonly supplied: SuppliedPlace
  readonly hosts: readonly HostSeries[]
  /** Joules by the hour, cooling taken off; NaN where the meters did not cover it. */
  readonly supply: Float64Array
  /** What cools, fed through the same meters, and is taken off. */
  readonly cooling: Float64Array
  /** Of the hosts beside metered places inside; NaN where one of them is not known. */
  readonly machines: Float64Array
  /** Of them: what chips used idle and beyond, and machines that nobody splits. */
  readonly chipIdle: Float64Array
  readonly chipDynamic: Float64Array
  readonly undivided: Float64Array
  /** Supply less machines less supplies inside; NaN where the balance cannot be drawn up. */
  readonly residual: Float64Array
  /** Hours with a balance, and their sums in joules. */
  balanced: number
  supplyJ: number
  machinesJ: number
  innerJ: number
  residualJ: number
  /** Half-width of the 95 % interval of the residual: errors of a meter are the same in each hour. */
  toleranceJ: number
  /** What reconciling changes, in joules. */
  readonly adjusted: { supply: number; machines: number; loss: number }
}

/** Share of a supply that is lost on its way, and its 95 %: cables and strips of a rack; else transformers and UPS, too. */
const LOSS = { last: { share: 0.01, half: 0.01 }, other: { share: 0.06, half: 0.06 } } as const

/** Balances of all metered places, each before the one around it, and what reconciling them changes. */
export function balancesOf(account: FleetAccount): PlaceBalance[] {
  const { span, hours } = account
  const supplied = suppliedPlaces(account)
  const byPlace = new Map(supplied.map((one) => [one.place, one]))
  const groups = groupsOf(account, byPlace)
  const all = supplied.map((one) => emptyBalance(one, groups.get(one) ?? [], hours))
  const index = new Map(supplied.map((one, n) => [one, n]))
  for (let at = 0; at < hours; at++) {
    const balances = all.map((one) => drawUp(one, account, byPlace, all, index, at, span.from + at * HOUR_MS))
    for (const [n, adjustment] of adjustAll(balances)) addAdjustment(all[n] as PlaceBalance, adjustment)
  }
  for (const one of all) finish(one)
  return all
}

/** Hosts by the supply that they were at, at some time. */
function groupsOf({ hosts }: FleetAccount, byPlace: ReadonlyMap<Place, SuppliedPlace>) {
  const groups = new Map<SuppliedPlace, HostSeries[]>()
  for (const series of hosts) {
    const suppliers = new Set(series.host.places.map(({ place }) => supplierOf(place, byPlace)))
    for (const one of suppliers) {
      if (one === null) continue
      const group = groups.get(one) ?? []
      group.push(series)
      groups.set(one, group)
    }
  }
  return groups
}

function emptyBalance(supplied: SuppliedPlace, hosts: readonly HostSeries[], hours: number): PlaceBalance {
  const none = () => new Float64Array(hours).fill(Number.NaN)
  return {
    supplied,
    hosts,
    supply: none(),
    cooling: none(),
    machines: none(),
    chipIdle: new Float64Array(hours),
    chipDynamic: new Float64Array(hours),
    undivided: new Float64Array(hours),
    residual: none(),
    balanced: 0,
    supplyJ: 0,
    machinesJ: 0,
    innerJ: 0,
    residualJ: 0,
    toleranceJ: 0,
    adjusted: { supply: 0, machines: 0, loss: 0 },
  }
}

function drawUp(
  balance: PlaceBalance,
  account: FleetAccount,
  byPlace: ReadonlyMap<Place, SuppliedPlace>,
  all: readonly PlaceBalance[],
  index: ReadonlyMap<SuppliedPlace, number>,
  at: number,
  hourUnixMs: number,
): Balance {
  const { supplied } = balance
  const supply = metered(supplied.supply, account, at)
  const isCooled = supplied.cooling.some((meter) => isThere(meter, hourAt(account, at)))
  const cooling = isCooled ? metered(supplied.cooling, account, at) : { value: 0, variance: 0 }
  const machines = { value: 0, variance: 0 }
  let [modelled, isKnown] = [0, true]
  for (const series of balance.hosts) {
    if (supplierOf(placeAt(series.host, hourUnixMs), byPlace) !== supplied) continue
    const joules = series.joules[at] ?? Number.NaN
    if (Number.isNaN(joules) || (series.covered[at] ?? 0) < WHOLE) isKnown = false
    machines.value += joules
    divide(balance, series, at)
    // What models share goes wrong together; meters go wrong each by itself.
    if (series.isModelled) modelled += series.deviation[at] ?? 0
    else machines.variance += (series.deviation[at] ?? 0) ** 2
  }
  machines.variance += modelled ** 2
  const net =
    supply === null || cooling === null
      ? null
      : { value: supply.value - cooling.value, variance: supply.variance + cooling.variance }
  balance.supply[at] = net?.value ?? Number.NaN
  balance.cooling[at] = cooling?.value ?? Number.NaN
  balance.machines[at] = isKnown ? machines.value : Number.NaN
  const inner = supplied.inner.reduce((sum, one) => sum + (all[index.get(one) ?? -1]?.supply[at] ?? Number.NaN), 0)
  const isDrawnUp = isKnown && net !== null && !Number.isNaN(inner)
  if (isDrawnUp) {
    balance.residual[at] = net.value - machines.value - inner
    balance.balanced += 1
    balance.supplyJ += net.value
    balance.machinesJ += machines.value
    balance.innerJ += inner
    balance.residualJ += balance.residual[at] ?? 0
    balance.toleranceJ += 2 * Math.sqrt(net.variance + machines.variance)
  }
  const { share, half } = usualLoss(supplied)
  const volume = net?.value ?? 0
  return {
    outer: supplied.outer === null ? -1 : (index.get(supplied.outer) ?? -1),
    supply: net,
    machines: isDrawnUp ? machines : null,
    loss: { value: share * volume, variance: ((half * volume) / 2) ** 2 },
  }
}

function divide({ chipIdle, chipDynamic, undivided }: PlaceBalance, series: HostSeries, at: number): void {
  const joules = series.joules[at] ?? Number.NaN
  const [idle, dynamic] = [series.chipIdle[at] ?? Number.NaN, series.chipDynamic[at] ?? Number.NaN]
  if (Number.isNaN(idle)) undivided[at] = (undivided[at] ?? 0) + joules
  else {
    chipIdle[at] = (chipIdle[at] ?? 0) + joules * idle
    chipDynamic[at] = (chipDynamic[at] ?? 0) + joules * dynamic
  }
}

function addAdjustment({ adjusted }: PlaceBalance, { supply, machines, loss }: Adjustment): void {
  adjusted.supply += supply
  adjusted.machines += machines
  adjusted.loss += loss
}

function usualLoss({ inner }: SuppliedPlace): { readonly share: number; readonly half: number } {
  return inner.length === 0 ? LOSS.last : LOSS.other
}

/** Losses that every rack and every building has are explained. */
function finish(balance: PlaceBalance): void {
  balance.toleranceJ += usualLoss(balance.supplied).half * balance.supplyJ
}

/** What is not explained by the usual loss, in joules, over the hours with a balance. */
export function unexplainedJ({ supplied, residualJ, supplyJ }: PlaceBalance): number {
  return residualJ - usualLoss(supplied).share * supplyJ
}
