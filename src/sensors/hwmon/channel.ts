import { join } from 'node:path'
import type { Channel } from '../../model/channel.ts'
import { NS_PER_MS } from '../../model/units.ts'
import type { BoundChannel, Value } from '../../native/polled-sensor.ts'
import { CardSleep, sleeping } from '../card-sleep.ts'
import type { HwmonChip } from './chip.ts'
import { type Quantity, quantitiesOf, railOf } from './quantity.ts'
import { type Meaning, ruleOf } from './rules.ts'

/** The channels that one chip carries, with the file of each. */
export interface ChipChannels {
  readonly chip: HwmonChip
  readonly intervalMs: number
  readonly paths: readonly string[]
  readonly bound: readonly BoundChannel[]
}

const UW_PER_W = 1_000_000n
/** No host draws more, and none of its parts a tenth of it. ACPI's unknown, 0xFFFFFFFF mW, is 4.29 MW. */
const MAX_HOST_UW = 100_000n * UW_PER_W
const MAX_PART_UW = 10_000n * UW_PER_W

/** 31 and 32 bits that are all set. A driver that has no more shows them where firmware knows no number. */
const UNKNOWN_UW: readonly bigint[] = [2n ** 31n - 1n, 2n ** 32n - 1n]

/** Meters that a machine has once. Of several it cannot be told which one contains the others: none of them counts. */
const SOLE_METERS: readonly string[] = ['acpi', 'occ', 'macsmc']

interface Candidate {
  readonly chip: HwmonChip
  readonly quantity: Quantity
  readonly meaning: Meaning
}

/** What the chips of a machine report, told apart and without what another quantity already says. */
export function channelsOf(chips: readonly HwmonChip[], wishedMs: number): readonly ChipChannels[] {
  const candidates = withSoleMeters(chips.flatMap((chip) => candidatesOf(chip, railsOf(chips))))
  const devices = uniqueDevices(candidates)
  const byChip = Map.groupBy(candidates, ({ chip }) => chip)
  return [...byChip].map(([chip, carried]) => {
    const intervalMs = Math.min(wishedMs, ruleOf(chip.name).longestIntervalMs ?? wishedMs)
    return {
      chip,
      intervalMs,
      paths: carried.map(({ quantity }) => quantity.path),
      bound: carried.map((candidate) => bind(candidate, devices.get(candidate) ?? '', intervalMs)),
    }
  })
}

function railsOf(chips: readonly HwmonChip[]): ReadonlySet<string> {
  const rails = chips.map(({ texts }) => railOf(texts.get('power1_oem_info') ?? null))
  return new Set(rails.flatMap((rail) => (rail === null ? [] : `${rail.part} ${rail.socket}`)))
}

function candidatesOf(chip: HwmonChip, rails: ReadonlySet<string>): readonly Candidate[] {
  const rule = ruleOf(chip.name)
  return quantitiesOf(chip, rule.prefersAverage ?? false).flatMap((quantity) => {
    const meaning = rule.meaning(quantity, chip, rails)
    return meaning === null ? [] : { chip, quantity, meaning }
  })
}

function withSoleMeters(candidates: readonly Candidate[]): readonly Candidate[] {
  const claims = Map.groupBy(candidates, ({ meaning }) => meaning.nodeMeter ?? '')
  return candidates.map((candidate) => {
    const meter = candidate.meaning.nodeMeter ?? ''
    const isDisputed = SOLE_METERS.includes(meter) && (claims.get(meter)?.length ?? 0) > 1
    return isDisputed ? { ...candidate, meaning: { ...candidate.meaning, nodeMeter: null } } : candidate
  })
}

/** Names made of the chip, its device's address and the label, never of hwmonN, which changes with every boot. */
function uniqueDevices(candidates: readonly Candidate[]): ReadonlyMap<Candidate, string> {
  const taken = new Set<string>()
  return new Map(
    candidates.map((candidate) => {
      const { chip, quantity } = candidate
      const place = chip.address === '' ? chip.name : `${chip.name}@${chip.address}`
      const names = [`${place} ${quantity.label ?? quantity.stem}`, `${place} ${quantity.stem}`]
      const free = names.find((name) => !taken.has(name)) ?? `${names[1]} (${chip.path})`
      taken.add(free)
      return [candidate, free]
    }),
  )
}

function bind({ chip, quantity, meaning }: Candidate, device: string, intervalMs: number): BoundChannel {
  const { scope, hardware, nodeMeter, relativeUncertainty } = meaning
  const isHost = scope === 'ac_in' || scope === 'dc_node'
  const base = {
    sensor: 'hwmon',
    scope,
    device,
    quality: 'measured',
    maxPowerUw: isHost ? MAX_HOST_UW : MAX_PART_UW,
    relativeUncertainty,
    nodeMeter,
    hardware,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: {
      path: quantity.path,
      driver: chip.driver,
      chip: chip.name,
      ...(quantity.label && { label: quantity.label }),
      ...(ruleOf(chip.name).longestIntervalMs && { update: 'the driver adds up a 32-bit register when it is read' }),
    },
  } as const
  if (quantity.kind === 'energy') {
    // What the driver shows is a sum of 64 bits, whatever the register's width: a fall is a driver loaded anew.
    const channel: Channel = { ...base, kind: 'counter', modulus: null, unitUj: { numerator: 1n, denominator: 1n } }
    return { channel, interpret: (raw) => ({ count: raw }) }
  }
  const channel: Channel = { ...base, kind: 'power' }
  const bound: BoundChannel = { channel, interpret: (raw) => interpretPower(raw, channel) }
  return chip.name === 'amdgpu' ? sleeping(bound, new CardSleep(join(chip.path, 'device/power_state'))) : bound
}

/** Some numbers cannot be: more than anything draws, and nothing at all from a meter of the machine that asks. */
export function interpretPower(raw: bigint, { maxPowerUw, nodeMeter }: Channel): Value {
  if (raw > maxPowerUw) return { corrupt: `${raw / UW_PER_W} W are more than ${maxPowerUw / UW_PER_W} W` }
  if (UNKNOWN_UW.includes(raw)) return { corrupt: `${raw} µW, all bits set, are no power` }
  if (raw === 0n && nodeMeter !== null) return { corrupt: '0 W from a machine that runs' }
  return { powerUw: raw }
}
