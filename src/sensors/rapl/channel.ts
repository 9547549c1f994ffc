import type { CounterChannel, Scope } from '../../model/channel.ts'
import type { Rational } from '../../model/rational.ts'
import { NS_PER_MS, UJ_PER_J } from '../../model/units.ts'

/** What a register of RAPL covers (Intel SDM volume 3B, "Platform Specific Power Management Support"). */
export interface RaplDomain {
  readonly scope: Scope
  /** The package (or die) as the powercap driver names it, so that all three interfaces call one thing by one name. */
  readonly device: string
}

export interface RaplCounter {
  readonly unitUj: Rational
  readonly modulus: bigint | null
  readonly maxPowerUw: bigint
  readonly facts: Readonly<Record<string, string>>
  /** Its range could not be read. */
  readonly isUnidentified?: boolean
}

const UW_PER_W = 1_000_000n
const NJ_PER_J = 1_000_000_000n

/**
 * More than this no channel draws on average over an interval. Packages: the largest announced are at 0.5 kW. DRAM: 24
 * modules of 20 W per socket. psys with the 1 J unit of servers: all that hangs on the platform's supply, accelerators
 * included; with the fine unit of clients: the largest supply of a workstation. Power limits are no bound: whoever may
 * write them raises them while the agent runs, and a processor exceeds them for a while.
 */
const MAX_POWER_UW = {
  package: 1_000n * UW_PER_W,
  dram: 500n * UW_PER_W,
  psysServer: 20_000n * UW_PER_W,
  psysClient: 2_000n * UW_PER_W,
}

/**
 * A reading, one in doubt and one that fails must fit into half a register: the smallest (65 533 J: AMD, and DRAM of
 * Intel's servers) is half full after 32 s at 1 kW. The perf PMU counts backwards when its own poll and ours leave more
 * than that between them.
 */
const LONGEST_INTERVAL_MS = 10_000

export function raplIntervalMs(intervalMs: number): number {
  return Math.min(intervalMs, LONGEST_INTERVAL_MS)
}

/**
 * Upper bound of a domain's power.
 * @param resolutionUj energy of one count of the register
 */
export function raplMaxPowerUw(scope: Scope, resolutionUj?: Rational): bigint {
  if (scope === 'dram') return MAX_POWER_UW.dram
  if (scope !== 'psys') return MAX_POWER_UW.package
  return isCoarse(resolutionUj) ? MAX_POWER_UW.psysServer : MAX_POWER_UW.psysClient
}

/** Whether a register counts in 1 J, as psys does from Sapphire Rapids on. Unknown counts as coarse: the bound is higher. */
const isCoarse = (unitUj: Rational | undefined): boolean =>
  unitUj === undefined || unitUj.numerator >= unitUj.denominator * UJ_PER_J

/**
 * Builds the channel of one register. `core` and `uncore` lie inside `package`; `dram` does not, though powercap shows
 * it as a child; `psys` holds them all and is a meter of the whole machine where it is the only one.
 * @param isSolePsys several psys: only that of the master package counts (enumerated for every package since Linux
 *   5.10), and which one that is cannot be told from here
 */
export function raplChannel(
  { scope, device }: RaplDomain,
  { unitUj, modulus, maxPowerUw, facts, isUnidentified = false }: RaplCounter,
  { intervalMs, isSolePsys }: { readonly intervalMs: number; readonly isSolePsys: boolean },
): CounterChannel {
  return {
    kind: 'counter',
    sensor: 'rapl',
    scope,
    device,
    quality: 'measured',
    unitUj,
    modulus,
    ...(isUnidentified && { isUnidentified }),
    maxPowerUw,
    // RAPL is off by 3 to 5 % against wattmeters (Khan et al., 2018); psys adds the error of the board's own current sense.
    relativeUncertainty: scope === 'psys' ? 0.05 : 0.04,
    nodeMeter: scope === 'psys' && isSolePsys ? 'psys' : null,
    hardware: scope === 'package' || scope === 'dram' ? placeOf(device) : null,
    intervalNs: BigInt(Math.round(intervalMs)) * NS_PER_MS,
    facts: { ...facts, maxPower: `${maxPowerUw / UW_PER_W} W`, updates: 'about every 1 ms' },
  }
}

/** Where the machine has it: `package-1-die-0` is in `socket-1/die-0`. */
function placeOf(device: string): string {
  return device.replace(/^package-(\d+)/, 'socket-$1').replace(/-(die-\d+)$/, '/$1')
}

/** The energy of one count for people: `61.035 µJ`, `1 J`. */
export function formatResolution({ numerator, denominator }: Rational): string {
  const nanojoules = (numerator * 1000n + denominator / 2n) / denominator
  return nanojoules % NJ_PER_J === 0n ? `${nanojoules / NJ_PER_J} J` : `${Number(nanojoules) / 1000} µJ`
}
