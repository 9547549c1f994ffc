/** What the name of a sensor of watts says that it meters. `power`: that it is power, and nothing of whose. */
export type NameMeaning = 'total' | 'chassis' | 'supply' | 'power' | 'part' | 'unknown'

/**
 * Names of the machine's total, most certain first: vendors' manuals, EAR's and CEEMS's lists. Matched without case,
 * blanks, dashes and underscores.
 */
const TOTALS: readonly RegExp[] = [
  /^pwrconsumption$/,
  /^systemlevel$/,
  /^(total|system|sys|node|server)(input)?(power|pwr)(consumption|in|input)?$/,
  /^(power|pwr)(meter|total|in)$/,
  /^totalpin$/,
  /^(cwg)?lm5066i?pin$/,
]
/** Those that no single supply would be called. */
const WHOLE = /total|system|sys|node|server/

const CHASSIS = /chassis|enclosure|rack|shelf/

/** A supply's input: `PS1 Input Power`, `PSU1_PIN`, `PS2 PIN`, `PS1 Power`, `Power Supply 1`. */
const SUPPLIES: readonly RegExp[] = [
  /^p(s|su|wrsupply|owersupply)\d*(ac)?(in|input)?(power|pwr)(in|input)?$/,
  /^p(s|su)\d*pin$/,
  /^(power|pwr)supply\d+(in|input)?$/,
  /^(ac)?(power|pwr)inputps(u)?\d+$/,
]

const POWER =
  /^(ac|current|actual|present|instant(aneous)?|input|real)*(power|pwr|watts?)(in|input|consumption|usage|draw|reading|meter)?$/

const INPUT = /pin$|in(put)?(power|pwr)|(power|pwr|supply\d+)in(put)?/

/** Not a meter of what flows in: outputs, rails, limits, shares, parts of the machine. */
const PARTS =
  /pout|output|dcout|out$|\dv|cap|limit|budget|max|min|peak|avg|average|rated|headroom|alloc|thresh|util|cpu|proc|dimm|mem|gpu|accel|pcie|riser|fan|hdd|ssd|disk|drive|nic|%/

export interface NameVerdict {
  readonly meaning: NameMeaning
  /** Of two totals the lower one is the more certain. */
  readonly rank: number
  /** It cannot be one supply of several. */
  readonly isWhole: boolean
  /** It says that it meters what flows in. */
  readonly isInput: boolean
}

export function nameVerdict(name: string): NameVerdict {
  const plain = name.toLowerCase().replace(/[\s_\-.]+/g, '')
  const total = TOTALS.findIndex((pattern) => pattern.test(plain))
  return {
    meaning: meaningOf(plain, total !== -1),
    rank: total === -1 ? TOTALS.length : total,
    isWhole: WHOLE.test(plain),
    isInput: INPUT.test(plain),
  }
}

function meaningOf(plain: string, isTotal: boolean): NameMeaning {
  if (PARTS.test(plain)) return 'part'
  if (CHASSIS.test(plain)) return 'chassis'
  if (isTotal) return 'total'
  if (SUPPLIES.some((pattern) => pattern.test(plain))) return 'supply'
  return POWER.test(plain) ? 'power' : 'unknown'
}
