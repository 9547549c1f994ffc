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
  readonly sensor: string
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
  const { name, changes, model, members, isBehindSupply, leaves, sensor, relativeUncertainty } = known
  const { state } = model
  if (state === null && changes === 0n) return null
  return {
    meter: name,
    changes,
    isNewest,
    learned: JSON.stringify({ members, isBehindSupply, leaves, sensor, relativeUncertainty, state }),
  }
}

/** What of an earlier run can be read; a meter without leaves is coupled with nothing, and is learned anew. */
export function parseMeter(name: string, changes: bigint, text: string, lastNs: bigint): LearnedMeter {
  const model = new NodeModel()
  const fresh = { name, changes, lastNs, toldFaults: new Set<Fault>(), toldChangeNs: null, model }
  const unknown = { members: 0, isBehindSupply: false, leaves: [], sensor: name, relativeUncertainty: 0 }
  try {
    const { members, isBehindSupply, leaves, sensor, relativeUncertainty, state } = JSON.parse(text)
    const isNamed =
      Array.isArray(leaves) && leaves.every((leaf) => typeof leaf === 'string') && typeof sensor === 'string'
    const isKnown =
      isNamed && Number.isInteger(members) && typeof isBehindSupply === 'boolean' && relativeUncertainty >= 0
    if (!isKnown || !model.restore(state)) return { ...fresh, ...unknown }
    return { ...fresh, members, isBehindSupply, leaves, sensor, relativeUncertainty }
  } catch {
    return { ...fresh, ...unknown }
  }
}
