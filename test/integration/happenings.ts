import assert from 'node:assert/strict'
import type { Part } from '../../src/model/part.ts'
import fc from '../property.ts'
import { type AccountRig, constant, type Meter, meter, type SourceKind, sumOf, type Truth } from './account-rig.ts'

export type What = 'fail' | 'close' | 'hold' | 'reset' | 'restart' | 'suspend' | 'collect'

interface Happening {
  readonly what: What
  readonly whom: number
  readonly ms: number
  readonly passes: number
}

/** What befalls the meters of a machine, one after the other. */
export const script = (...whats: What[]): fc.Arbitrary<Happening[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom(...whats),
      whom: fc.nat(8),
      passes: fc.integer({ min: 0, max: 12 }),
      ms: fc.integer({ min: 100, max: 1_900 }),
    }),
    { maxLength: 25 },
  )

/** Lets one thing happen to one of `meters`, and some time pass. */
export function happen(rig: AccountRig, { what, whom, ms, passes }: Happening, meters = rig.meters): void {
  const one = meters[whom % meters.length] as Meter
  if (what === 'fail') one.isFailing = !one.isFailing
  if (what === 'close') rig.open(one, !one.isOpen)
  if (what === 'hold') one.isHeld = !one.isHeld
  if (what === 'reset') one.reset()
  if (what === 'restart') rig.restart()
  if (what === 'suspend') rig.suspend(ms + 1_000)
  if (what === 'collect') rig.collect()
  rig.pass(ms)
  rig.passes(passes)
}

export interface Card {
  readonly w: number
  readonly kinds: readonly SourceKind[]
}

const anyWatts = fc.integer({ min: 1, max: 900 })

/** One meter, and models that stand in for it. */
export const plainCard: fc.Arbitrary<Card> = fc.record({
  w: anyWatts,
  kinds: fc
    .tuple(fc.constantFrom<SourceKind[]>('counter', 'power'), fc.nat(2))
    .map(([first, models]): SourceKind[] => [first, ...Array<'model'>(models).fill('model')]),
})

export const anyCard: fc.Arbitrary<Card> = fc.record({
  w: anyWatts,
  kinds: fc.array(fc.constantFrom<SourceKind[]>('counter', 'power', 'model'), { minLength: 1, maxLength: 4 }),
})

/** Every source of a card says the same. */
export function metersOf(cards: readonly Card[]): Meter[] {
  return cards.flatMap(({ w, kinds }, card) =>
    kinds.map((kind, index) => meter(`sensor-${card}-${index}`, kind, `0000:${card}`, constant(w))),
  )
}

export const leavesOf = (cards: readonly Card[]) =>
  cards.map(({ w }, card) => ({ name: `accelerators/0000:${card}`, w }))

/** Of a power that changes each second, from 256 to 511 W, as no sensor doubts; the same for the same seed. */
export const changing = (seed: number): Truth => {
  const uj = [0n]
  return (atNs) => {
    const ms = Number(atNs / 1_000_000n)
    const second = Math.floor(ms / 1_000)
    const w = (n: number) => BigInt(Math.imul(n + seed, 2_654_435_761) >>> 24) + 256n
    while (uj.length <= second) uj.push((uj.at(-1) ?? 0n) + w(uj.length) * 1_000_000n)
    return (uj[second] ?? 0n) + w(second + 1) * BigInt(ms % 1_000) * 1_000n
  }
}

/**
 * What leaves of a constant power brought in the time that the account says it knows of them: what is decided, less what
 * it calls a gap and what it waits for.
 */
export function knownUj(
  rig: AccountRig,
  leaves: readonly { readonly name: string; readonly w: number }[],
  { isRecovered = false } = {},
): bigint {
  const { settledNs, unaccountedNs, leafGaps, missing } = rig.state
  const knownNs = (settledNs ?? 0n) - rig.startNs - (unaccountedNs - rig.clock.suspendedNs)
  return leaves.reduce((sum, { name, w }) => {
    const gapNs = leafGaps.find((gap) => gap.name === name)?.unaccountedNs ?? 0n
    const sinceNs = missing.find((one) => one.name === name)?.sinceNs
    if (isRecovered) assert.equal(sinceNs, undefined, `${name} is waited for`)
    const openNs = sinceNs === undefined ? 0n : (settledNs ?? 0n) - sinceNs
    return sum + (BigInt(w) * (knownNs - gapNs - openNs)) / 1_000n
  }, 0n)
}

/** What is booked of one part, or of all. */
export function bookedUj(rig: AccountRig, part?: Part): bigint {
  return sumOf(rig.state.parts.filter((one) => part === undefined || one.part === part))
}
