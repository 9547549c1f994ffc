import { UJ_PER_J, UJ_PER_KWH } from '../../model/units.ts'

interface Unit {
  readonly kind: 'power' | 'counter'
  /** µW or µJ in one. */
  readonly micro: bigint
}

/** What a number can be written in: a power, or an energy that only grows. */
export const UNITS = {
  W: { kind: 'power', micro: 1_000_000n },
  mW: { kind: 'power', micro: 1_000n },
  uW: { kind: 'power', micro: 1n },
  J: { kind: 'counter', micro: UJ_PER_J },
  mJ: { kind: 'counter', micro: 1_000n },
  uJ: { kind: 'counter', micro: 1n },
  Wmin: { kind: 'counter', micro: 60n * UJ_PER_J },
  Wh: { kind: 'counter', micro: UJ_PER_KWH / 1_000n },
  kWh: { kind: 'counter', micro: UJ_PER_KWH },
} as const satisfies Record<string, Unit>

export type UnitName = keyof typeof UNITS
export const UNIT_NAMES = Object.keys(UNITS) as UnitName[]
