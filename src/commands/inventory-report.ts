import type { Embodied } from '../carbon/embodied/embodied.ts'
import type { InventoryItem } from '../carbon/embodied/inventory.ts'
import type { StageFootprint } from '../carbon/embodied/stages.ts'
import type { MachineParts } from '../machine/machine-parts.ts'
import type { WhatIf } from './inventory-what-if.ts'

export interface InventoryReport {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  readonly isVirtual: boolean
  /** By the component formulas, the largest first. None for a virtual machine. */
  readonly components: readonly InventoryItem[]
  /** By whom each kind is known, and which controller told; null for a virtual machine. */
  readonly knownBy: (MachineParts['knownBy'] & { readonly teller: string | null }) | null
  /** What counts; null when nothing does. */
  readonly embodied: EmbodiedReport | null
  /** Of its life but its use, in their order; none where nothing counts. */
  readonly stages: readonly StageReport[]
  /** What another lifetime would change; null where it was not asked. */
  readonly whatIf: WhatIf | null
  /** What to make of the figures. */
  readonly notes: readonly string[]
}

export interface StageReport extends StageFootprint {
  readonly about: string
  readonly scope3Category: string
  /** False where it is shown, and written off nowhere. */
  readonly isCounted: boolean
}

export interface EmbodiedReport extends Embodied {
  readonly gPerHour: number
  /** What the lifetime since the commissioning has not written off yet; null without a date. */
  readonly remainingKg: number | null
}
