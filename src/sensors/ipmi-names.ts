/** What a power sensor of a BMC meters, as far as its name says. */
export type SensorRole = 'total' | 'supply' | 'other'

/**
 * Names of the machine's total, most certain first: vendors' manuals, EAR's and CEEMS's lists. Matched without case,
 * blanks, dashes and underscores.
 */
const TOTALS: readonly RegExp[] = [
  /^pwrconsumption$/,
  /^systemlevel$/,
  /^(total|system|sys|node|server|chassis)(input)?(power|pwr)(consumption|in|input)?$/,
  /^(power|pwr)(meter|total|in)$/,
  /^totalpin$/,
  /^(cwg)?lm5066i?pin$/,
]

/** A supply's input: `PS1 Input Power`, `PSU1_PIN`, `PS2 PIN`, `PS1 Power`, `Power Supply 1`. */
const SUPPLIES: readonly RegExp[] = [
  /^p(s|su|wrsupply|owersupply)\d*(ac)?(in|input)?(power|pwr)(in|input)?$/,
  /^p(s|su)\d*pin$/,
  /^(power|pwr)supply\d+(in|input)?$/,
  /^(ac)?(power|pwr)inputps(u)?\d+$/,
]

/** Not a meter of what flows in: outputs, limits, shares, parts of the machine. */
const IGNORED =
  /pout|output|dcout|cap|limit|budget|max|min|peak|avg|average|rated|headroom|alloc|thresh|util|cpu|proc|dimm|mem|gpu|accel|pcie|riser|fan|hdd|ssd|disk|drive|nic|%/

/** `total` names come in the order of `rank`: only the first found counts. */
export function roleOf(name: string): { readonly role: SensorRole; readonly rank: number } {
  const plain = name.toLowerCase().replace(/[\s_\-.]+/g, '')
  if (IGNORED.test(plain)) return { role: 'other', rank: 0 }
  const total = TOTALS.findIndex((pattern) => pattern.test(plain))
  if (total !== -1) return { role: 'total', rank: total }
  if (SUPPLIES.some((pattern) => pattern.test(plain))) return { role: 'supply', rank: 0 }
  return { role: 'other', rank: 0 }
}
