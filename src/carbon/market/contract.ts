import { parseRfc3339Ms } from '../../io/rfc3339.ts'
import type { DataQuality, Factor, Instrument, IntensityBasis } from '../../model/carbon.ts'
import { allOf, fault } from '../../model/config-fault.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { mgPerKwhOf } from '../intensity/source.ts'
import { officialFigure } from '../official/official.ts'
import { officialIntensity } from '../official/official-source.ts'
import { alpha2Of } from '../zone/zone.ts'

export interface ContractConfig {
  readonly name: string
  readonly instrument: 'eac' | 'ppa' | 'supplier'
  /** Part of the consumption, 0 to 1. */
  readonly share: number
  /** Energy that it delivers in all; null for no limit but its share. */
  readonly kwh: number | null
  readonly g_per_kwh: number
  readonly basis: IntensityBasis
  /** RFC 3339 time, or a day, which begins at midnight UTC. */
  readonly from: string
  readonly to: string
}

export type ResidualConfig =
  | { readonly g_per_kwh: number; readonly basis: IntensityBasis; readonly reference: string }
  /** The name of an official one. */
  | { readonly figure: string }

export type MarketConfig =
  | { readonly source: 'none' }
  | {
      readonly source: 'contracts'
      readonly contracts: readonly ContractConfig[]
      readonly residual: ResidualConfig | null
    }

export interface Contract {
  /** Tells contracts apart in the ledger: one that is renewed begins anew. */
  readonly key: string
  readonly factor: Factor & { readonly endsUnixMs: number }
  readonly sharePpm: bigint
  /** The most site energy that it delivers; null without a limit. */
  readonly siteUj: bigint | null
}

const KEY = 'carbon.market'
const HIERARCHY: readonly Instrument[] = ['eac', 'ppa', 'supplier']

/**
 * A certificate or an agreement conveys its rate, which is then exact; a supplier's rate and a residual mix are
 * averages of a year. Data quality: metered generation, a supplier's mix, a country's average.
 */
const RATES: Readonly<Record<'eac' | 'ppa' | 'supplier' | 'residual', [DataQuality, number]>> = {
  eac: [1, 0],
  ppa: [1, 0],
  supplier: [2, 0.05],
  residual: [3, 0.1],
}

const PPM_PER_ONE = 1e6
const WH_PER_KWH = 1e3

/** Contracts in the order in which they claim. Throws a ConfigFault. */
export function contractsOf(configs: readonly ContractConfig[], zone: string): Contract[] {
  const contracts = allOf(configs.map((config, index) => () => contractOf(config, zone, `${KEY}.contracts.${index}`)))
  const rank = ({ factor }: Contract) => HIERARCHY.indexOf(factor.instrument)
  allOf([() => refuseTwins(contracts), () => refuseDoubleClaims(contracts)])
  return contracts.toSorted((a, b) => rank(a) - rank(b) || a.factor.startsUnixMs - b.factor.startsUnixMs)
}

/** Of an official one the newest edition. Throws a ConfigFault. */
export function residualOf(config: ResidualConfig, zone: string): Factor {
  if ('figure' in config) return officialResidual(config.figure, zone)
  const { g_per_kwh, basis, reference } = config
  return {
    ...rateOf(`${KEY}.residual`, 'residual', g_per_kwh),
    zone,
    basis,
    source: `residual:${reference}`,
    startsUnixMs: 0,
    endsUnixMs: null,
  }
}

function officialResidual(name: string, zone: string): Factor {
  const key = `${KEY}.residual.figure`
  const figure = officialFigure(name, 'residual', key)
  const [own, set] = [figure.publication.country, alpha2Of(zone)]
  if (set !== null && set !== own) throw fault(key, `${name} covers ${own}, but carbon.zone is ${set}`)
  const newest = Math.max(...figure.editions.map(({ year }) => year))
  const [dataQuality, relativeUncertainty] = RATES.residual
  const intensity = officialIntensity(figure, newest)
  return { ...intensity, instrument: 'residual', dataQuality, relativeUncertainty, status: 'final', reason: null }
}

function contractOf(config: ContractConfig, zone: string, key: string): Contract {
  const { name, instrument, share, kwh, g_per_kwh, basis, from, to } = config
  const [startsUnixMs, endsUnixMs] = allOf([() => timeOf(`${key}.from`, from), () => timeOf(`${key}.to`, to)])
  if (endsUnixMs <= startsUnixMs) throw fault(`${key}.to`, `expected a time later than from, received ${to}`)
  return {
    key: `${name} ${new Date(startsUnixMs).toISOString()}`,
    factor: {
      ...rateOf(key, instrument, g_per_kwh),
      zone,
      basis,
      source: `contract:${name}`,
      startsUnixMs,
      endsUnixMs,
    },
    sharePpm: BigInt(Math.round(share * PPM_PER_ONE)),
    siteUj: kwh === null ? null : (BigInt(Math.round(kwh * WH_PER_KWH)) * UJ_PER_KWH) / BigInt(WH_PER_KWH),
  }
}

function rateOf(key: string, instrument: keyof typeof RATES, gPerKwh: number) {
  const mgPerKwh = mgPerKwhOf(gPerKwh)
  if (mgPerKwh === null) throw fault(`${key}.g_per_kwh`, `${gPerKwh} g/kWh is out of range`)
  const [dataQuality, relativeUncertainty] = RATES[instrument]
  return { mgPerKwh, instrument, dataQuality, relativeUncertainty, status: 'final', reason: null } as const
}

function timeOf(key: string, text: string): number {
  const unixMs = parseRfc3339Ms(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(unixMs)) throw fault(key, `expected a day that exists, received ${text}`)
  return unixMs
}

/** Claims are kept by key: two contracts with one key would share one limit. */
function refuseTwins(contracts: readonly Contract[]): void {
  const keys = new Set<string>()
  for (const { key, factor } of contracts) {
    if (keys.has(key)) {
      const name = factor.source.slice('contract:'.length)
      const since = new Date(factor.startsUnixMs).toISOString()
      throw fault(KEY, `two contracts are named ${name} and begin at ${since}: give each its own name`)
    }
    keys.add(key)
  }
}

/** At no time may the shares of contracts without a limit in kWh be more than the whole. */
function refuseDoubleClaims(contracts: readonly Contract[]): void {
  for (const { factor: one } of contracts) {
    const at = one.startsUnixMs
    const held = contracts.filter(
      ({ factor, siteUj }) =>
        siteUj === null && factor.instrument !== 'supplier' && factor.startsUnixMs <= at && at < factor.endsUnixMs,
    )
    const share = Number(held.reduce((sum, { sharePpm }) => sum + sharePpm, 0n)) / PPM_PER_ONE
    if (share <= 1) continue
    const names = held.map(({ factor }) => factor.source.slice('contract:'.length)).join(', ')
    const since = new Date(at).toISOString().slice(0, 10)
    throw fault(KEY, `the shares of ${names} add up to ${share} from ${since}: each kWh can be claimed once`)
  }
}
