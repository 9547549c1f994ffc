import type { Embodied } from '../carbon/embodied/embodied.ts'
import type { InventoryItem } from '../carbon/embodied/inventory.ts'

export interface InventoryReport {
  /** Vendor and product; null when the firmware does not say. */
  readonly product: string | null
  readonly isVirtual: boolean
  /** By the component formulas, the largest first. None for a virtual machine. */
  readonly components: readonly InventoryItem[]
  /** What counts; null when nothing does. */
  readonly embodied: EmbodiedReport | null
  /** What to make of the figures. */
  readonly notes: readonly string[]
}

export interface EmbodiedReport extends Embodied {
  readonly gPerHour: number
  /** What the lifetime since the commissioning has not written off yet; null without a date. */
  readonly remainingKg: number | null
}
