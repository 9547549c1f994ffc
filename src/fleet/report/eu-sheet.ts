import type { FleetAccount, MeterSeries } from '../account/account.ts'
import { innermost, outermost } from '../feeds.ts'
import type { Measure, Place } from '../topology.ts'
import type { EuFacts } from './facts-schema.ts'
import { metersIn, type SiteEnergy } from './site-energy.ts'

export type EuFlag = 'OK' | 'ESTIMATED' | 'MISSING' | 'CHANGED_POINT'

/** One line of the sheet of Delegated Regulation (EU) 2024/1364. */
export interface EuLine {
  readonly symbol: string
  readonly about: string
  readonly unit: string
  /** Null: not known, and why is in `note`. */
  readonly value: number | string | null
  readonly flag: EuFlag
  /** Where it was measured, or why it is not known. */
  readonly note: string
}

const J_PER_KWH = 3.6e6
const WHOLE = 0.99

interface Metered {
  readonly value: number | null
  readonly flag: EuFlag
  readonly note: string
}

/** The sheet of a place. What is not measured and not stated is null with its reason, and never guessed. */
export function euSheet(
  account: FleetAccount,
  place: Place,
  energies: readonly SiteEnergy[],
  facts: EuFacts,
  hostsUj: bigint,
): EuLine[] {
  const total = meteredOf(account, place, 'main', J_PER_KWH)
  const water = meteredOf(account, place, 'water', 1e3)
  const heat = meteredOf(account, place, 'heat', J_PER_KWH)
  const it = itEnergy(account, place, energies, hostsUj)
  const renewable = [facts.guarantees_kwh, facts.ppa_kwh, facts.on_site_kwh]
  const known = renewable.filter((one) => one !== null)
  const eres = known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0)
  const line = (symbol: string, about: string, unit: string, { value, flag, note }: Metered): EuLine => ({
    symbol,
    about,
    unit,
    value,
    flag,
    note,
  })
  const ratio = (symbol: string, about: string, unit: string, a: Metered, b: Metered, names: string) =>
    line(symbol, about, unit, quotient(a, b, names))
  const eresTold = stated(eres, 'eu.guarantees_kwh, eu.ppa_kwh or eu.on_site_kwh')
  return [
    text('name', 'name of the data centre', facts.name, 'eu.name'),
    text('owner', 'owner', facts.owner, 'eu.owner'),
    text('operator', 'operator', facts.operator, 'eu.operator'),
    text('LAU', 'local administrative unit', facts.lau_code, 'eu.lau_code'),
    line('PDIT', 'nominal demand of installed IT', 'kW', stated(facts.installed_it_kw, 'eu.installed_it_kw')),
    line('SDC', 'floor area', 'm²', stated(facts.floor_m2, 'eu.floor_m2')),
    line('SCR', 'floor area of computer rooms', 'm²', stated(facts.computer_room_m2, 'eu.computer_room_m2')),
    line('EDC', 'energy of the data centre', 'kWh', total),
    line('EDC-BG', 'of back-up generators', 'kWh', stated(facts.backup_kwh, 'eu.backup_kwh')),
    line('EIT', `energy of the IT, PUE category ${it.category}`, 'kWh', it),
    line('WIN', 'water', 'm³', water),
    line('WIN-POT', 'potable water', 'm³', stated(facts.potable_water_m3, 'eu.potable_water_m3')),
    line('EREUSE', 'heat that is used again', 'kWh', heat),
    line('TWH', 'temperature of that heat', '°C', stated(facts.waste_heat_c, 'eu.waste_heat_c')),
    line('ERES-TOT', 'renewable electricity', 'kWh', eresTold),
    line('TIN', 'intake air', '°C', stated(facts.intake_c, 'eu.intake_c')),
    line('CDD', 'cooling degree-days', '°C·d', stated(facts.cooling_degree_days, 'eu.cooling_degree_days')),
    line('CSERV', 'capacity of servers', 'SERT', stated(facts.server_capacity, 'eu.server_capacity')),
    line('CSTOR', 'capacity of storage', 'PB', stated(facts.storage_pb, 'eu.storage_pb')),
    ratio('PUE', `EDC / EIT, category ${it.category}`, '', total, it, 'EDC and EIT'),
    ratio('WUE', 'WIN / EIT', 'm³/MWh', scaled(water, 1e3), it, 'WIN and EIT'),
    ratio('ERF', 'EREUSE / EDC', '', heat, total, 'EREUSE and EDC'),
    ratio('REF', 'ERES-TOT / EDC', '', eresTold, total, 'ERES-TOT and EDC'),
    line('ITEUsv', 'utilisation of servers (ISO/IEC 30134-5)', '', stated(facts.iteu, 'eu.iteu')),
  ]
}

function text(symbol: string, about: string, value: string | null, key: string): EuLine {
  return {
    symbol,
    about,
    unit: '',
    value,
    flag: value === null ? 'MISSING' : 'OK',
    note: value === null ? `not stated: set ${key} in the file of facts` : 'stated',
  }
}

function stated(value: number | null, key: string): Metered {
  return value === null
    ? { value, flag: 'MISSING', note: `not stated: set ${key} in the file of facts` }
    : { value, flag: 'OK', note: 'stated' }
}

/** Sum of the outermost meters of a kind, in so many of their unit (J or l). */
function meteredOf(account: FleetAccount, place: Place, measure: Measure, unit: number): Metered {
  const meters = outermost(metersIn(account, place), measure)
  if (meters.length === 0) return { value: null, flag: 'MISSING', note: `no meter of ${measure} in the topology file` }
  const series = meters.flatMap((meter) => account.meters.get(meter) ?? [])
  const value = series.reduce((sum, { total }) => sum + Number(total) / 1e6, 0) / unit
  const names = meters.map(({ name }) => name).join(', ')
  return { value, ...standOf(series, account, names) }
}

function standOf(
  series: readonly MeterSeries[],
  { hours, span }: FleetAccount,
  names: string,
): { readonly flag: EuFlag; readonly note: string } {
  const covered = series.map(({ covered }) => covered.reduce((sum, part) => sum + part, 0) / hours)
  const least = Math.min(...covered)
  const isChanged = series.some(
    ({ meter: { sinceUnixMs, untilUnixMs } }) =>
      (sinceUnixMs ?? -Infinity) > span.from || (untilUnixMs ?? Infinity) < span.until,
  )
  if (isChanged) return { flag: 'CHANGED_POINT', note: `${names}; a meter was changed in this time` }
  return least >= WHOLE
    ? { flag: 'OK', note: names }
    : {
        flag: 'ESTIMATED',
        note: `${names}; ${(100 * least).toFixed(1)} % of the time is covered, and nothing is added for the rest`,
      }
}

/** At the outermost point where all IT is metered; else the hosts themselves. */
function itEnergy(
  account: FleetAccount,
  place: Place,
  energies: readonly SiteEnergy[],
  hostsUj: bigint,
): Metered & { readonly category: number } {
  for (const [category, measure, where] of [
    [1, 'ups', 'outputs of the UPS'],
    [2, 'pdu', 'PDU'],
  ] as const) {
    if (!energies.some((one) => one.category === category)) continue
    const meters = innermost(metersIn(account, place), measure)
    const series = meters.flatMap((meter) => account.meters.get(meter) ?? [])
    const value = series.reduce((sum, { total }) => sum + Number(total) / 1e6, 0) / J_PER_KWH
    const names = meters.length > 5 ? `${meters.length} ${where}` : meters.map(({ name }) => name).join(', ')
    return { category, value, ...standOf(series, account, names) }
  }
  const note = 'sum of the hosts at their own input: less than at the UPS by what is lost on the way'
  return { category: 3, value: Number(hostsUj) / 3.6e12, flag: 'OK', note }
}

function quotient(a: Metered, b: Metered, names: string): Metered {
  if (a.value === null || b.value === null || b.value === 0)
    return { value: null, flag: 'MISSING', note: `needs ${names}` }
  const worst = [a.flag, b.flag].find((flag) => flag !== 'OK') ?? 'OK'
  return { value: a.value / b.value, flag: worst, note: names }
}

function scaled(metered: Metered, factor: number): Metered {
  return metered.value === null ? metered : { ...metered, value: metered.value * factor }
}
