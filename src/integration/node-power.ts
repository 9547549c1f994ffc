import type { LeafEnergy } from '../model/attribution.ts'
import { most } from '../model/bigint.ts'
import { NS_PER_S } from '../model/units.ts'
import type { Coupling } from './coupling.ts'
import type { Leaf } from './leaf.ts'
import type { MachineTree } from './machine-tree.ts'
import { overheadUj } from './remainder.ts'
import { leafPowersUw } from './siblings.ts'
import type { Supply } from './supply.ts'

/** Power of the machine now, in µW; null when nothing recent is known. */
export function nodePowerUw(
  { wholes, leaves }: MachineTree,
  isByLeaves: boolean,
  supply: Supply,
  coupling: Coupling,
  nowNs: bigint,
): bigint | null {
  const whole = isByLeaves ? undefined : wholes.find((meter) => meter.powerUw(nowNs) !== null)
  if (whole !== undefined) {
    const meteredUw = sumOf(leaves, (leaf) => leaf.powerUw(nowNs, leaf.meters))
    const wholeUw = whole.powerUw(nowNs) ?? 0n
    const insideUw = most(wholeUw, meteredUw)
    return whole.isBehindSupply ? insideUw + lossUw(supply, insideUw) : insideUw
  }
  if (leaves.every((leaf) => leaf.sources.every((source) => source.isConstant || source.powerUw(nowNs) === null)))
    return null
  const powersUw = leafPowersUw(leaves, nowNs)
  const hostUw = sumOf(
    leaves.filter(({ isHost }) => isHost),
    (leaf) => powersUw.get(leaf) ?? null,
  )
  const leavesUw = sumOf(leaves, (leaf) => powersUw.get(leaf) ?? null)
  const coupled = isByLeaves ? null : coupling.restOf(sharesOf(leaves, powersUw, nowNs), secondUntil(nowNs))
  const insideUw = leavesUw + (coupled?.restUj ?? overheadUj(hostUw))
  return coupled?.isBehindSupply === false ? insideUw : insideUw + lossUw(supply, insideUw)
}

/** What a second at these powers would bring. */
function sharesOf(leaves: readonly Leaf[], powersUw: ReadonlyMap<Leaf, bigint>, nowNs: bigint): readonly LeafEnergy[] {
  return leaves.flatMap((leaf) => {
    const energyUj = powersUw.get(leaf)
    if (energyUj === undefined) return []
    const quality = leaf.powerUw(nowNs, leaf.meters) === null ? 'estimated' : 'measured'
    return { leaf: leaf.name, part: leaf.part, quality, energyUj }
  })
}

const secondUntil = (nowNs: bigint) => ({ startNs: nowNs - NS_PER_S, endNs: nowNs })

/** A microwatt is a microjoule in a second. */
function lossUw(supply: Supply, powerUw: bigint): bigint {
  return supply.lossUj(powerUw, NS_PER_S)
}

function sumOf(leaves: readonly Leaf[], powerOf: (leaf: Leaf) => bigint | null): bigint {
  return leaves.reduce((sum, leaf) => sum + (powerOf(leaf) ?? 0n), 0n)
}
