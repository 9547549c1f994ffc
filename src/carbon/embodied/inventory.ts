import { dieArea } from './die-area.ts'
import { type Figure, sumOf, times } from './figure.ts'
import { assembly, board, chassis, cpu, dimm, hdd, ssd, supply } from './formulas.ts'
import { gpu } from './gpu.ts'
import type { MachineParts } from './machine-parts.ts'

/** Like parts of a machine, with what making all of them emitted. */
export interface Component extends Figure {
  readonly part: 'processor' | 'memory' | 'ssd' | 'hdd' | 'gpu' | 'supply' | 'board' | 'chassis' | 'assembly'
  readonly name: string
  readonly count: number
  /** Of the machine's total, 0 to 1. */
  readonly share: number
}

export interface Inventory {
  /** The largest first. */
  readonly components: readonly Component[]
  readonly kg: number
  /** Bounds of the 95 % interval. */
  readonly lowKg: number
  readonly highKg: number
}

type Entry = Omit<Component, 'share'>

/** What making a machine emitted, part by part. */
export function inventoryOf(parts: MachineParts): Inventory {
  const entries = merged([
    ...parts.processors.map((one) => entry('processor', one.name, cpu(dieArea(one)))),
    ...parts.dimmsGb.map((gb) => entry('memory', `module of ${sizeText(gb)}`, dimm(gb))),
    ...parts.disks.map(({ name, gb, rotates }) =>
      rotates ? entry('hdd', name, hdd()) : entry('ssd', `${name} ${sizeText(gb)}`, ssd(gb)),
    ),
    ...parts.gpus.map((one) => {
      const { name, figure } = gpu(one)
      return entry('gpu', name, figure)
    }),
    supplies(parts.supplies),
    entry('board', 'mainboard', board()),
    entry(
      'chassis',
      parts.chassis === 'blade' ? 'blade with its part of the enclosure' : 'rack chassis',
      chassis(parts.chassis),
    ),
    entry('assembly', 'assembly', assembly()),
  ])
  const total = sumOf(entries)
  const components = entries.map((one) => ({ ...one, share: one.kg / total.kg })).toSorted((a, b) => b.kg - a.kg)
  return { components, ...total }
}

function entry(part: Component['part'], name: string, figure: Figure): Entry {
  return { part, name, count: 1, ...figure }
}

const USUAL_SUPPLIES = 2

/** Servers have two; unless the firmware says so, there may be one. */
function supplies(count: number | null): Entry {
  const one = supply()
  if (count !== null) return { part: 'supply', name: 'power supply', count, ...times(count, one) }
  const pair = { ...times(USUAL_SUPPLIES, one), lowKg: one.lowKg }
  return { part: 'supply', name: 'power supply (number assumed)', count: USUAL_SUPPLIES, ...pair }
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

function sizeText(gb: number): string {
  return gb >= 1000 ? `${Number((gb / 1000).toPrecision(3))} TB` : `${Number(gb.toPrecision(3))} GB`
}
