import type { Scope } from '../../model/channel.ts'
import { decimal, type Rational, reduced } from '../../model/rational.ts'
import { UJ_PER_J } from '../../model/units.ts'

/** Events of the `power` PMU and what they cover (arch/x86/events/rapl.c; `gpu` is the domain PP1). */
export const PERF_EVENTS: readonly { readonly name: string; readonly scope: Scope }[] = [
  { name: 'energy-pkg', scope: 'package' },
  { name: 'energy-cores', scope: 'core' },
  { name: 'energy-gpu', scope: 'uncore' },
  { name: 'energy-ram', scope: 'dram' },
  { name: 'energy-psys', scope: 'psys' },
]

/** Parses `event=0x02`, the low 8 bits of perf_event_attr.config as this PMU's `format/event` says; undefined for anything else. */
export function parsePerfEvent(text: string): number | undefined {
  const match = /^event=0x([0-9a-f]{1,2})$/i.exec(text.trim())
  return match ? Number(`0x${match[1]}`) : undefined
}

/**
 * What one count is worth in µJ, exactly, from the files `.scale` and `.unit`: "2.3283064365386962890625e-10" Joules is
 * 2^-32 J, which is 15625/67108864 µJ. Undefined when they do not state a positive energy.
 */
export function parsePerfScale(scale: string, unit: string): Rational | undefined {
  if (unit.trim() !== 'Joules') return undefined
  const match = /^(\d{1,40})(?:\.(\d{1,60}))?(?:e([+-]?\d{1,2}))?$/i.exec(scale.trim())
  if (!match) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  const mantissa = BigInt(whole + fraction) * UJ_PER_J
  return mantissa === 0n ? undefined : reduced(decimal(mantissa, Number(exponent) - fraction.length))
}
