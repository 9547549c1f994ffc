import {
  type CarbonBooks,
  type CarbonTotals,
  type EmissionAccount,
  type EmissionRow,
  type Factor,
  type IntensityBasis,
  NO_CARBON,
  type RestatementRow,
  type StandingEmission,
} from '../../model/carbon.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import type { PueStatement } from '../pue/pue.ts'
import type { Slot } from '../time/slot.ts'
import type { Stretch } from '../time/time-series.ts'
import { emissionsUg } from './emissions.ts'

type Grams = Record<EmissionAccount, Record<IntensityBasis, bigint>>
type Booking = { -readonly [Key in keyof StandingEmission]: StandingEmission[Key] }

/** Bookings that may still grow or be restated, and the totals of all bookings ever made. */
export class Bookings {
  readonly #open = new Map<string, Booking>()
  /** The open bookings by their UTC hour. */
  readonly #hours = new Map<number, Set<Booking>>()
  #changed = new Set<Booking>()
  #restatements: RestatementRow[] = []
  #grownLate = new Set<Booking>()
  #closedUnixMs = Number.NEGATIVE_INFINITY
  #booked: Grams
  #corrections: Grams
  #nextEmissionId: number
  #nextRestatementId: number

  constructor(totals: Pick<CarbonTotals, 'bookedUg' | 'correctionUg'> = NO_CARBON, books: CarbonBooks = EMPTY) {
    this.#booked = copyOf(totals.bookedUg)
    this.#corrections = copyOf(totals.correctionUg)
    this.#nextEmissionId = books.next.emissionId
    this.#nextRestatementId = books.next.restatementId
    for (const row of books.emissions) this.#keep(keyOf(row.account, row, row.factor, row.puePpm), { ...row })
  }

  /** Books energy at a factor. Returns the µg by which the account grows. */
  addEnergy(account: EmissionAccount, slot: Slot, factor: Factor, pue: PueStatement, energyUj: bigint): bigint {
    if (energyUj === 0n) return 0n
    const booking = this.#bookingOf(account, slot, factor, pue)
    booking.energyUj += energyUj
    return this.#grow(booking, emissionsUg(booking.energyUj, factor.mgPerKwh ?? 0n, pue.puePpm))
  }

  /** Books a mass that follows no energy. Returns it. */
  addMass(account: EmissionAccount, slot: Slot, factor: Factor, ug: bigint): bigint {
    if (ug === 0n) return 0n
    const booking = this.#bookingOf(account, slot, factor, NO_PUE)
    return this.#grow(booking, booking.co2eUg + ug)
  }

  /** Bookings of the hours that a time touches, with the figure that holds for them now. */
  *openWithin({ startsUnixMs, endsUnixMs }: Stretch): Generator<StandingEmission> {
    for (const [hourUnixMs, bookings] of this.#hours) {
      if (hourUnixMs + HOUR_MS > startsUnixMs && hourUnixMs < endsUnixMs) yield* bookings
    }
  }

  /** Bookings that grew after a restatement, which has to be looked at again. */
  takeGrownLate(): readonly StandingEmission[] {
    const grown = [...this.#grownLate]
    this.#grownLate = new Set()
    return grown
  }

  /** Replaces the figure of an open booking. The booking itself stays; the restatement names the one it replaces. */
  restate(emission: StandingEmission, factor: Factor, atUnixMs: number): void {
    const booking = emission as Booking
    const { standing, energyUj, puePpm, account } = booking
    const afterUg = emissionsUg(energyUj, factor.mgPerKwh ?? 0n, puePpm)
    const id = this.#nextRestatementId++
    this.#restatements.push({
      id,
      atUnixMs,
      emissionId: booking.id,
      replacesId: standing.restatementId,
      factor,
      beforeUg: standing.co2eUg,
      afterUg,
    })
    this.#corrections[account][standing.factor.basis] -= standing.co2eUg
    this.#corrections[account][factor.basis] += afterUg
    booking.standing = { factor, co2eUg: afterUg, restatementId: id }
  }

  /** Closes every booking that ended before, at most once a day: it is neither restated nor added to any more. */
  closeBefore(unixMs: number): void {
    if (Math.abs(unixMs - this.#closedUnixMs) < DAY_MS) return
    this.#closedUnixMs = unixMs
    for (const [key, booking] of this.#open) {
      if (booking.endUnixMs >= unixMs || this.#changed.has(booking)) continue
      this.#open.delete(key)
      this.#hours.get(hourOf(booking))?.delete(booking)
    }
    for (const [hourUnixMs, bookings] of this.#hours) if (bookings.size === 0) this.#hours.delete(hourUnixMs)
  }

  /** All that changed since the last call. */
  collect(): { readonly emissions: readonly EmissionRow[]; readonly restatements: readonly RestatementRow[] } {
    const emissions = [...this.#changed].map(({ standing, ...row }) => row)
    const restatements = this.#restatements
    this.#changed = new Set()
    this.#restatements = []
    return { emissions, restatements }
  }

  get totals(): Pick<CarbonTotals, 'bookedUg' | 'correctionUg'> {
    return { bookedUg: copyOf(this.#booked), correctionUg: copyOf(this.#corrections) }
  }

  #bookingOf(account: EmissionAccount, slot: Slot, factor: Factor, pue: PueStatement): Booking {
    const key = keyOf(account, slot, factor, pue.puePpm)
    let booking = this.#open.get(key)
    if (booking === undefined) {
      booking = {
        id: this.#nextEmissionId++,
        account,
        startUnixMs: slot.startUnixMs,
        endUnixMs: slot.endUnixMs,
        factor,
        energyUj: 0n,
        puePpm: pue.puePpm,
        pueRelativeUncertainty: pue.relativeUncertainty,
        co2eUg: 0n,
        standing: { factor, co2eUg: 0n, restatementId: null },
      }
      this.#keep(key, booking)
    }
    this.#changed.add(booking)
    return booking
  }

  #keep(key: string, booking: Booking): void {
    this.#open.set(key, booking)
    const hourUnixMs = hourOf(booking)
    const hour = this.#hours.get(hourUnixMs)
    if (hour === undefined) this.#hours.set(hourUnixMs, new Set([booking]))
    else hour.add(booking)
  }

  #grow(booking: Booking, co2eUg: bigint): bigint {
    const grownUg = co2eUg - booking.co2eUg
    booking.co2eUg = co2eUg
    booking.standing = { ...booking.standing, co2eUg: booking.standing.co2eUg + grownUg }
    this.#booked[booking.account][booking.factor.basis] += grownUg
    if (booking.standing.restatementId === null) return grownUg
    this.#grownLate.add(booking)
    // A correction is the standing mass less the booked one, each by the basis of its own figure.
    const { basis } = booking.standing.factor
    if (basis !== booking.factor.basis) {
      this.#corrections[booking.account][booking.factor.basis] -= grownUg
      this.#corrections[booking.account][basis] += grownUg
    }
    return grownUg
  }
}

/** structuredClone would keep one object for two accounts that share it. */
function copyOf({ location, market, embodied }: CarbonTotals['bookedUg']): Grams {
  return { location: { ...location }, market: { ...market }, embodied: { ...embodied } }
}

const NO_PUE: PueStatement = { puePpm: 1_000_000n, relativeUncertainty: 0, source: 'none' }

const EMPTY: CarbonBooks = { emissions: [], next: { emissionId: 1, restatementId: 1 } }

function hourOf({ startUnixMs }: Slot): number {
  return Math.floor(startUnixMs / HOUR_MS) * HOUR_MS
}

function keyOf(account: EmissionAccount, { startUnixMs, endUnixMs }: Slot, factor: Factor, puePpm: bigint): string {
  const { source, zone, basis, instrument, mgPerKwh, status, reason, startsUnixMs } = factor
  return `${account} ${startUnixMs} ${endUnixMs} ${puePpm} ${mgPerKwh} ${basis} ${instrument} ${status} ${startsUnixMs} ${zone}\0${source}\0${reason}`
}
