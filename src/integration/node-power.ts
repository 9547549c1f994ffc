import type { LeafEnergy } from '../model/attribution.ts'
import { most } from '../model/bigint.ts'
import type { Quality } from '../model/posting.ts'
import { NS_PER_S } from '../model/units.ts'
import type { Leaf } from './leaf.ts'
import type { Learned } from './learned.ts'
import type { MachineTree } from './machine-tree.ts'
import { energyOf } from './node-posting.ts'
import { overheadUj } from './remainder.ts'
import { leafPowersUw } from './siblings.ts'
import type { Supply } from './supply.ts'

/** Power of the machine now, in µW; null when nothing recent is known. */
export function nodePowerUw(
  { wholes, leaves }: MachineTree,
  isByLeaves: boolean,
  { coupling, anchors, supply }: Learned,
  nowNs: bigint,
): bigint | null {
  const whole = isByLeaves ? undefined : wholes.find((meter) => meter.powerUw(nowNs) !== null)
  const metered = leaves.flatMap((leaf) => shareOf(leaf, leaf.powerUw(nowNs, leaf.meters), 'measured'))
  if (whole !== undefined) {
    const wholeUw = coupling.powerUw(whole, metered, nowNs) ?? whole.powerUw(nowNs) ?? 0n
    const insideUw = most(wholeUw, energyOf(metered))
    return whole.isBehindSupply ? insideUw + lossUw(supply, insideUw) : insideUw
  }
  if (leaves.every((leaf) => leaf.sources.every((source) => source.isConstant || source.powerUw(nowNs) === null)))
    return null
  const powersUw = leafPowersUw(leaves, anchors, nowNs)
  const powerOf = (leaf: Leaf): bigint | null => powersUw.get(leaf) ?? null
  const isMetered = (leaf: Leaf): boolean => metered.some((share) => share.leaf === leaf.name)
  const modelled = leaves.flatMap((leaf) => (isMetered(leaf) ? [] : shareOf(leaf, powerOf(leaf), 'estimated')))
  const second = { startNs: nowNs - NS_PER_S, endNs: nowNs }
  const coupled = isByLeaves ? null : coupling.restOf([...metered, ...modelled], second)
  const hostUw = sumOf(
    leaves.filter(({ isHost }) => isHost),
    powerOf,
  )
  const insideUw = coupled ? energyOf(coupled.shares) + coupled.restUj : sumOf(leaves, powerOf) + overheadUj(hostUw)
  return coupled?.isBehindSupply === false ? insideUw : insideUw + lossUw(supply, insideUw)
}

/** What a second at a power would bring. */
function shareOf({ name, part }: Leaf, powerUw: bigint | null, quality: Quality): LeafEnergy[] {
  return powerUw === null ? [] : [{ leaf: name, part, quality, energyUj: powerUw }]
}

/** A microwatt is a microjoule in a second. */
function lossUw(supply: Supply, powerUw: bigint): bigint {
  return supply.lossUj(powerUw, NS_PER_S)
}

function sumOf(leaves: readonly Leaf[], powerOf: (leaf: Leaf) => bigint | null): bigint {
  return leaves.reduce((sum, leaf) => sum + (powerOf(leaf) ?? 0n), 0n)
}
