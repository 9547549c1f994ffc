import { dig, type Json } from '../../io/answer.ts'
import { UJ_PER_J, UJ_PER_KWH } from '../../model/units.ts'
import { type Decimal, parseDecimal } from '../decimal.ts'
import { textOf } from './resource.ts'

/** A figure in a resource, with what the controller says of it. */
export interface Figure {
  readonly value: Decimal | null
  /** When it was measured, and since when it counts; empty where it does not say. */
  readonly readingTime: string
  readonly resetTime: string
}

/** Where a quantity is read again and again. */
export interface Source {
  readonly path: string
  readonly kind: 'power' | 'counter'
  /** `W`, `kWh`. */
  readonly unit: string
  /** µW or µJ in one. */
  readonly micro: bigint
  /** For people: which property of which resource. */
  readonly label: string
  /** Behind the supply, whose loss it does not see. */
  readonly isDc: boolean
  /** As it was found. */
  readonly found: Figure
  figure(resource: Json): Figure
}

/** A number, which some controllers write as text; null for `null`, `"N/A"`, `"nan"` and what is missing. */
export function numberOf(value: Json): Decimal | null {
  return typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : null
}

export const isPositive = (value: Decimal | null): boolean => value !== null && value.digits > 0n

const WATTS = { kind: 'power', unit: 'W', micro: 1_000_000n } as const

/** By the `ReadingType` of a sensor. */
const UNITS: Readonly<Record<string, Pick<Source, 'kind' | 'unit' | 'micro'>>> = {
  Power: WATTS,
  EnergykWh: { kind: 'counter', unit: 'kWh', micro: UJ_PER_KWH },
  EnergyWh: { kind: 'counter', unit: 'Wh', micro: UJ_PER_KWH / 1_000n },
  EnergyJoules: { kind: 'counter', unit: 'J', micro: UJ_PER_J },
}

export type Quantity = keyof typeof UNITS

/**
 * A sensor, or its excerpt in another resource. `entryOf` finds it there. What is counted over the sensor's life comes
 * first: the other count begins anew when somebody says ResetMetrics.
 */
export function sensorSource(
  resource: Json,
  entryOf: (resource: Json) => Json,
  place: { readonly path: string; readonly quantity: Quantity; readonly label: string },
): Source | null {
  const { path, quantity, label } = place
  const unit = UNITS[quantity]
  if (unit === undefined) return null
  const keys = unit.kind === 'counter' ? ['LifetimeReading', 'Reading'] : ['Reading']
  const entry = entryOf(resource)
  const key = keys.find((key) => isPositive(numberOf(dig(entry, key))))
  const basis = textOf(entry, 'ReadingBasis') || 'Zero'
  // The others tell a difference, or what is left of a limit.
  if (key === undefined || basis !== 'Zero') return null
  const since = key === 'Reading' ? 'SensorResetTime' : 'LifetimeStartDateTime'
  const figure = (resource: Json): Figure => {
    const entry = entryOf(resource)
    const value = numberOf(dig(entry, key))
    return { value, readingTime: textOf(entry, 'ReadingTime'), resetTime: textOf(entry, since) }
  }
  const isDc = textOf(entry, 'VoltageType') === 'DC'
  return { ...unit, path, label: `${label}.${key}`, isDc, found: figure(resource), figure }
}

/** Watts without anything beside them, as older resources and vendors have them. */
export function wattSource(
  resource: Json,
  wattsIn: (resource: Json) => Json,
  place: { readonly path: string; readonly label: string },
): Source | null {
  const figure = (resource: Json): Figure => ({ value: numberOf(wattsIn(resource)), readingTime: '', resetTime: '' })
  const found = figure(resource)
  return isPositive(found.value) ? { ...WATTS, ...place, isDc: false, found, figure } : null
}
