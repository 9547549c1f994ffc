import type { ChassisKind } from '../../machine/chassis.ts'
import type { MachineParts } from '../../machine/machine-parts.ts'
import { sizeText } from '../../machine/size-text.ts'
import type { Part } from '../../model/part.ts'
import { dieArea } from './die-area.ts'
import { type Footprint, partOf, sumOf, times } from './footprint.ts'
import { assembly, board, chassis, cpu, dimm, hdd, NODE_SHARE, ssd, supply } from './formulas.ts'
import { gpu } from './gpu.ts'

/** All like parts of a machine, with the emissions of making them. */
export interface InventoryItem extends Footprint {
  readonly part: 'processor' | 'memory' | 'ssd' | 'hdd' | 'gpu' | 'supply' | 'board' | 'chassis' | 'assembly'
  readonly name: string
  readonly count: number
  /** Of the machine's total, 0 to 1. */
  readonly share: number
}

export interface Inventory {
  /** The largest first. */
  readonly components: readonly InventoryItem[]
  readonly kg: number
  /** Bounds of the 95 % interval. */
  readonly lowKg: number
  readonly highKg: number
}

type Entry = Omit<InventoryItem, 'share'>

/** The emissions of making a machine, part by part. */
export function inventoryOf(parts: MachineParts): Inventory {
  const entries = merged([
    ...parts.processors.map((one) => entry('processor', one.name, cpu(dieArea(one)))),
    ...parts.dimmsGib.map((gib) => entry('memory', `module of ${sizeText(gib)}`, dimm(gib))),
    ...parts.disks.map(({ name, gb, rotates }) =>
      rotates ? entry('hdd', name, hdd()) : entry('ssd', `${name} ${sizeText(gb)}`, ssd(gb)),
    ),
    ...parts.gpus.map((one) => {
      const { name, figure } = gpu(one)
      return entry('gpu', name, figure)
    }),
    ...supplies(parts),
    entry('board', 'mainboard', board()),
    entry('chassis', CHASSIS_NAMES[parts.chassis], chassis(parts.chassis)),
    entry('assembly', 'assembly', assembly()),
  ])
  const total = sumOf(entries)
  const components = entries.map((one) => ({ ...one, share: one.kg / total.kg })).toSorted((a, b) => b.kg - a.kg)
  return { components, ...total }
}

/** What accelerators are of a machine's making. */
export function acceleratorsOf(parts: MachineParts): { readonly count: number; readonly embodiedShare: number } {
  const cards = inventoryOf(parts).components.filter(({ part }) => part === 'gpu')
  return {
    count: cards.reduce((sum, { count }) => sum + count, 0),
    embodiedShare: cards.reduce((sum, { share }) => sum + share, 0),
  }
}

const WHERE: Readonly<Record<InventoryItem['part'], Part>> = {
  processor: 'processors',
  memory: 'memory',
  gpu: 'accelerators',
  ssd: 'rest',
  hdd: 'rest',
  supply: 'rest',
  board: 'rest',
  chassis: 'rest',
  assembly: 'rest',
}

/** What each part of the account is of a machine's making; nothing of a virtual one. They sum to 1. */
export function sharesOf(parts: MachineParts): ReadonlyMap<Part, number> {
  const shares = new Map<Part, number>()
  if (parts.isVirtual) return shares
  for (const { part, share } of inventoryOf(parts).components) {
    shares.set(WHERE[part], (shares.get(WHERE[part]) ?? 0) + share)
  }
  return shares
}

function entry(part: InventoryItem['part'], name: string, figure: Footprint): Entry {
  return { part, name, count: 1, ...figure }
}

const CHASSIS_NAMES: Readonly<Record<ChassisKind, string>> = {
  rack: 'rack chassis',
  blade: 'blade with its part of the enclosure',
  node: 'part of a chassis of several nodes',
}

const USUAL_SUPPLIES = 2

/**
 * Servers have two, though unless the firmware says so there may be one. Machines in one chassis share its supplies.
 */
function supplies({ suppliesW, chassis }: MachineParts): Entry[] {
  const one = chassis === 'rack' ? supply() : partOf(supply(), NODE_SHARE)
  const name = chassis === 'rack' ? 'power supply' : "part of a chassis's power supply"
  if (suppliesW !== null) {
    return suppliesW.map((watts) => entry('supply', watts === null ? name : `${name} of ${watts} W`, one))
  }
  const pair = { ...times(USUAL_SUPPLIES, one), lowKg: one.lowKg }
  return [{ part: 'supply', name: `${name} (number assumed)`, count: USUAL_SUPPLIES, ...pair }]
}

/** Parts of one kind and name are one entry. */
function merged(entries: readonly Entry[]): Entry[] {
  const byName = new Map<string, Entry>()
  for (const one of entries) {
    const key = `${one.part} ${one.name}`
    const before = byName.get(key)
    byName.set(
      key,
      before === undefined ? one : { ...before, ...sumOf([before, one]), count: before.count + one.count },
    )
  }
  return [...byName.values()]
}
