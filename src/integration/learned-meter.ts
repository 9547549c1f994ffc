import type { LeafEnergy } from '../model/attribution.ts'
import type { NodeModelState } from '../model/batch.ts'
import type { Fault } from './node-model/gate.ts'
import { NodeModel } from './node-model/node-model.ts'

/** A meter of the whole machine, and what was learned of the machine by it. */
export interface LearnedMeter {
  readonly name: string
  /** Channels that it was the sum of. */
  readonly members: number
  readonly isBehindSupply: boolean
  /** Names of the leaves whose meters it was compared with, sorted. */
  readonly leaves: readonly string[]
  /** What each of these channels is wrong together with. */
  readonly factors: readonly string[]
  readonly relativeUncertainty: number
  readonly model: NodeModel
  changes: bigint
  readonly toldFaults: Set<Fault>
  toldChangeNs: bigint | null
  /** Until when it told. */
  lastNs: bigint
}

/** Whether all that the model was learned with is measured, and nothing else but by models. */
export function isCoupled({ leaves }: LearnedMeter, shares: readonly LeafEnergy[]): boolean {
  const metered = shares.filter(({ quality }) => quality !== 'estimated')
  const isMeasured = metered.every(({ quality, leaf }) => quality === 'measured' && leaves.includes(leaf))
  return isMeasured && leaves.every((name) => metered.some(({ leaf }) => leaf === name))
}

/** Null before it has learned anything, or counted a change. */
export function saveMeter(known: LearnedMeter, isNewest: boolean): NodeModelState | null {
  const { name, changes, model, members, isBehindSupply, leaves, factors, relativeUncertainty } = known
  const { state } = model
  if (state === null && changes === 0n) return null
  return {
    meter: name,
    changes,
    isNewest,
    learned: JSON.stringify({ members, isBehindSupply, leaves, factors, relativeUncertainty, state }),
  }
}

/** What of an earlier run can be read; a meter without leaves is coupled with nothing, and is learned anew. */
export function parseMeter(name: string, changes: bigint, text: string, lastNs: bigint): LearnedMeter {
  const model = new NodeModel()
  const fresh = { name, changes, lastNs, toldFaults: new Set<Fault>(), toldChangeNs: null, model }
  const unknown = { members: 0, isBehindSupply: false, leaves: [], factors: [], relativeUncertainty: 0 }
  try {
    const { members, isBehindSupply, leaves, factors, relativeUncertainty, state } = JSON.parse(text)
    const isNamed = areNames(leaves) && areNames(factors) && factors.length === members
    const isKnown =
      isNamed && Number.isInteger(members) && typeof isBehindSupply === 'boolean' && relativeUncertainty >= 0
    if (!isKnown || !model.restore(state)) return { ...fresh, ...unknown }
    return { ...fresh, members, isBehindSupply, leaves, factors, relativeUncertainty }
  } catch {
    return { ...fresh, ...unknown }
  }
}

function areNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}
