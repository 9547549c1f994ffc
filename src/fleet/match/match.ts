import { allocateCertificates, type Deliverable, type Need, UJ_PER_WH, type Use } from './allocate-certificates.ts'
import { type Certificate, whOf } from './certificate.ts'

/** Consumption of a zone in a UTC hour, and what is known of its grid then. */
export interface LoadHour extends Need {
  readonly hourUnixMs: number
  /** True where a profile stands for a meter. */
  readonly isProfile: boolean
  /** Carbon-free share of the grid's mix, in millionths; null where it is not known. */
  readonly gridCfePpm: bigint | null
  /** Of what no certificate covers: the residual mix; null where it is not known. */
  readonly residualMgPerKwh: bigint | null
}

/** Energy, and what certificates do to it. Null: not known. */
export interface Matched {
  readonly loadUj: bigint
  readonly matchedUj: bigint
  /** Of what is matched: discharged from storage. */
  readonly storageUj: bigint
  /** Matched, and of the rest what the grid has carbon-free. */
  readonly cfeUj: bigint | null
  readonly marketUg: bigint | null
}

export interface MatchedHour extends Matched {
  readonly load: LoadHour
  readonly uses: readonly Use[]
}

export interface Match {
  /** By zone, then by hour. */
  readonly hours: readonly MatchedHour[]
  /** Hour by hour, as the draft of 2025 has it. */
  readonly hourly: Matched
  /** As much as was fed in whenever in the time, as the Scope 2 Guidance of 2015 allows. It has no carbon-free score. */
  readonly volume: Matched
  /** Of certificates whose hour had no use for them. They are never moved to another hour. */
  readonly surplusUj: bigint
  readonly leftWh: ReadonlyMap<Certificate, bigint>
  /** What either way of counting uses, the larger of both. */
  readonly usedWh: ReadonlyMap<Certificate, bigint>
}

const PPM = 1_000_000n
/** 1 mg/kWh over 1 µJ is 1,000 µg / 3.6e12. */
const UJ_MG_PER_UG = 3_600_000_000n

/** Matches consumption with certificates, which are in order of use. Certificates never cover more than the load. */
export function match(
  loads: readonly LoadHour[],
  certificates: readonly Certificate[],
  deliverable: Deliverable = new Map(),
): Match {
  const ordered = loads.toSorted(
    (a, b) => (a.zone < b.zone ? -1 : a.zone > b.zone ? 1 : 0) || a.hourUnixMs - b.hourUnixMs,
  )
  const { uses, leftWh } = allocateCertificates(ordered, certificates, deliverable)
  const volume = volumeMatch(ordered, certificates, deliverable)
  const hours = ordered.map((load) => matchedHour(load, uses.get(load) ?? []))
  return {
    hours,
    hourly: sumOf(hours),
    volume: volume.matched,
    surplusUj: UJ_PER_WH * [...leftWh.values()].reduce((sum, wh) => sum + wh, 0n),
    leftWh,
    usedWh: new Map(
      certificates.map((one) => {
        const [hourly, whole] = [leftWh.get(one) ?? 0n, volume.leftWh.get(one) ?? 0n]
        return [one, whOf(one) - (hourly < whole ? hourly : whole)]
      }),
    ),
  }
}

function matchedHour(load: LoadHour, uses: readonly Use[]): MatchedHour {
  const matchedUj = energyOf(uses)
  const restUj = load.loadUj - matchedUj
  return {
    load,
    uses,
    loadUj: load.loadUj,
    matchedUj,
    storageUj: energyOf(uses.filter(({ certificate }) => certificate.isStorage)),
    cfeUj: load.gridCfePpm === null ? null : matchedUj + (restUj * load.gridCfePpm) / PPM,
    marketUg: load.residualMgPerKwh === null ? null : massOf(restUj, load.residualMgPerKwh) + massOfUses(uses),
  }
}

/** What is not covered counts at the mean of the residual mix, by load: there is no hour to tell it by. */
function volumeMatch(
  loads: readonly LoadHour[],
  certificates: readonly Certificate[],
  deliverable: Deliverable,
): { readonly matched: Matched; readonly leftWh: ReadonlyMap<Certificate, bigint> } {
  const zones = [...Map.groupBy(loads, ({ zone }) => zone)]
  const needs = zones.map(([zone, own]) => ({
    zone,
    hourUnixMs: null,
    loadUj: own.reduce((sum, { loadUj }) => sum + loadUj, 0n),
    residualUg: own.reduce<bigint | null>(
      (sum, { loadUj, residualMgPerKwh: mg }) => (sum === null || mg === null ? null : sum + massOf(loadUj, mg)),
      0n,
    ),
  }))
  const { uses, leftWh } = allocateCertificates(needs, certificates, deliverable)
  const matched = {
    ...sumOf(
      needs.map((need) => {
        const own = uses.get(need) ?? []
        const matchedUj = energyOf(own)
        const restUg =
          need.residualUg === null || need.loadUj === 0n
            ? need.residualUg
            : (need.residualUg * (need.loadUj - matchedUj)) / need.loadUj
        return {
          loadUj: need.loadUj,
          matchedUj,
          storageUj: energyOf(own.filter(({ certificate }) => certificate.isStorage)),
          cfeUj: null,
          marketUg: restUg === null ? null : restUg + massOfUses(own),
        }
      }),
    ),
    cfeUj: null,
  }
  return { matched, leftWh }
}

/** A sum is not known as soon as one of its parts is not. */
export function sumOf(parts: readonly Matched[]): Matched {
  const sum = (key: 'loadUj' | 'matchedUj' | 'storageUj') => parts.reduce((all, part) => all + part[key], 0n)
  const known = (key: 'cfeUj' | 'marketUg') =>
    parts.reduce<bigint | null>((all, { [key]: one }) => (all === null || one === null ? null : all + one), 0n)
  return {
    loadUj: sum('loadUj'),
    matchedUj: sum('matchedUj'),
    storageUj: sum('storageUj'),
    cfeUj: known('cfeUj'),
    marketUg: known('marketUg'),
  }
}

function energyOf(uses: readonly Use[]): bigint {
  return UJ_PER_WH * uses.reduce((sum, { wh }) => sum + wh, 0n)
}

function massOfUses(uses: readonly Use[]): bigint {
  return uses.reduce((sum, { certificate, wh }) => sum + massOf(wh * UJ_PER_WH, certificate.mgPerKwh), 0n)
}

function massOf(uj: bigint, mgPerKwh: bigint): bigint {
  return (uj * mgPerKwh + UJ_MG_PER_UG / 2n) / UJ_MG_PER_UG
}
