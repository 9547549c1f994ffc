import type { Consumer } from '../model/consumer.ts'

/** Who used an accelerator in `[startNs, endNs)`, and who held it. */
export interface AcceleratorUse {
  /** `accelerators/0000:3b:00.0` */
  readonly leaf: string
  readonly startNs: bigint
  readonly endNs: bigint
  /** Each consumer once. `use` and `reserved` count in any unit, the same for all of them. */
  readonly holders: readonly { readonly consumer: Consumer; readonly use: bigint; readonly reserved: bigint }[]
  /** From 0 to 1; null where nothing tells it. */
  readonly utilisation: number | null
}
