import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Feed } from '../../../src/carbon/feeds/feed.ts'
import type { ReaderOptions } from '../../../src/carbon/feeds/feed-reader.ts'
import { LiveSource } from '../../../src/carbon/feeds/live.ts'
import { createMarginal } from '../../../src/carbon/marginal/marginal.ts'
import { eiaFeed } from '../../../src/carbon/sources/eia.ts'
import { electricityMapsFeed } from '../../../src/carbon/sources/electricitymaps.ts'
import { entsoeFeed } from '../../../src/carbon/sources/entsoe.ts'
import { prometheusFeed } from '../../../src/carbon/sources/prometheus.ts'
import { rteFeed } from '../../../src/carbon/sources/rte.ts'
import { ukFeed } from '../../../src/carbon/sources/uk.ts'
import type { HttpGet } from '../../../src/io/http.ts'
import type { Refreshed } from '../../../src/io/refresher.ts'

/*
 * Every public interface, as its documentation has it: what is asked decides what is answered, rounded to the interface's
 * own steps, the first of which may only touch the asked time.
 */

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What an answer is made of, so that one thing at a time can be wrong. */
export interface World {
  readonly nowUnixMs: number
  /** Null: an entry without a figure. */
  readonly gPerKwh: (unixMs: number) => number | null
  readonly zone?: string
  readonly unit?: string
  /** Added to every time. */
  readonly shiftMs?: number
}

export interface Asked extends Refreshed {
  readonly problem: string | null
  /** g/kWh. */
  at(unixMs: number): number | null
}

export interface PublicInterface {
  readonly name: string
  /** Figures are there for this time before now. */
  readonly knownMs: number
  /** What its answers state, and this suite can get wrong. */
  readonly states: readonly ('zone' | 'unit')[]
  /** Amounts by fuel have no wrong intensity: what is negative is a plant's own use. */
  readonly isMix?: true
  open(baseUrl: string, options: Omit<ReaderOptions, 'feed'>): Asked
  answer(url: URL, world: World): string
}

const folder = mkdtempSync(join(tmpdir(), 'wattledger-interfaces-'))
after(() => rmSync(folder, { recursive: true }))
export const keyFile = join(folder, 'key')
/** JSON and URLs write it each in their own way. */
export const KEY = 'hush-"hush"/+=\\hush'
export const TOKEN = 'bearer-of-news'
writeFileSync(keyFile, `${KEY}\n`, { mode: 0o600 })

const keyed = { key_file: keyFile, hold: 0 }

function live(feed: Feed, options: { readonly get: HttpGet } & Omit<ReaderOptions, 'feed'>): Asked {
  const source = new LiveSource({ ...options, feed, holdMs: 0 })
  const at = (unixMs: number) => {
    const { intensity } = source.cover(unixMs)
    return intensity === null ? null : Number(intensity.mgPerKwh) / 1e3
  }
  return Object.assign(source, { at })
}

/** Starts of steps that touch a time. */
function touching(stepMs: number, fromUnixMs: number, toUnixMs: number): number[] {
  const starts: number[] = []
  for (let at = Math.floor(fromUnixMs / stepMs) * stepMs; at < toUnixMs; at += stepMs) starts.push(at)
  return starts
}

const iso = (unixMs: number) => new Date(unixMs).toISOString()
const isoMinute = (unixMs: number) => `${iso(unixMs).slice(0, 16)}Z`

const uk: PublicInterface = {
  name: 'uk',
  knownMs: HOUR,
  states: [],
  open: (baseUrl, options) => live(ukFeed(baseUrl), options),
  answer: ({ pathname }, { nowUnixMs, gPerKwh, shiftMs = 0 }) => {
    const [from = 0, to = 0] = pathname.split('/').slice(2).map(Date.parse)
    // The half hour before the asked one comes too.
    const data = touching(HOUR / 2, from - 1, to).map((at) => ({
      from: isoMinute(at + shiftMs),
      to: isoMinute(at + shiftMs + HOUR / 2),
      intensity: { forecast: gPerKwh(at), actual: at < nowUnixMs - HOUR ? gPerKwh(at) : null, index: 'low' },
    }))
    return JSON.stringify({ data })
  },
}

const electricitymaps: PublicInterface = {
  name: 'electricitymaps',
  knownMs: 3 * HOUR,
  states: ['zone', 'unit'],
  open: (baseUrl, options) =>
    live(
      electricityMapsFeed({ source: 'electricitymaps', ...keyed, zone: null, basis: 'life-cycle' }, 'DE', baseUrl),
      options,
    ),
  answer: ({ searchParams }, { nowUnixMs, gPerKwh, zone, unit, shiftMs = 0 }) => {
    const named = { zone: zone ?? searchParams.get('zone') }
    const history = touching(HOUR, nowUnixMs - 23 * HOUR, nowUnixMs).map((at) => ({
      ...named,
      carbonIntensity: gPerKwh(at),
      datetime: iso(at + shiftMs),
      emissionFactorType: unit ?? searchParams.get('emissionFactorType'),
      isEstimated: at > nowUnixMs - 2 * HOUR,
    }))
    return JSON.stringify({ ...named, history })
  },
}

const rte: PublicInterface = {
  name: 'rte',
  knownMs: 2 * HOUR,
  states: [],
  open: (baseUrl, options) => live(rteFeed(baseUrl), options),
  answer: ({ searchParams }, { nowUnixMs, gPerKwh, shiftMs = 0 }) => {
    const from = Date.parse(/date'(.*)'/.exec(searchParams.get('where') ?? '')?.[1] ?? '')
    const rows = touching(HOUR / 4, from, nowUnixMs - HOUR).map((at) => ({
      date_heure: iso(at + shiftMs).replace('.000Z', '+00:00'),
      taux_co2: gPerKwh(at),
    }))
    return JSON.stringify(rows)
  },
}

/** Parts of gas and nuclear that make an intensity over the life cycle. */
function mixOf(gPerKwh: number | null): readonly [gas: number | null, nuclear: number | null] {
  if (gPerKwh === null) return [null, null]
  if (gPerKwh < 0) return [-100, -100]
  return [gPerKwh - 12, 490 - gPerKwh]
}

const eia: PublicInterface = {
  name: 'eia',
  knownMs: 4 * HOUR,
  states: ['zone', 'unit'],
  isMix: true,
  open: (baseUrl, options) =>
    live(eiaFeed({ source: 'eia', ...keyed, respondent: 'CISO', basis: 'life-cycle' }, baseUrl), options),
  answer: ({ searchParams }, { nowUnixMs, gPerKwh, zone, unit, shiftMs = 0 }) => {
    const [start = 0, end = 0] = ['start', 'end'].map((key) => Date.parse(`${searchParams.get(key)}:00:00Z`))
    const data = touching(HOUR, start, Math.min(end + 1, nowUnixMs - 2 * HOUR)).flatMap((endsUnixMs) =>
      mixOf(gPerKwh(endsUnixMs - HOUR)).map((value, index) => ({
        period: iso(endsUnixMs + shiftMs).slice(0, 13),
        respondent: zone ?? searchParams.get('facets[respondent][]'),
        fueltype: index === 0 ? 'NG' : 'NUC',
        value: value === null ? null : `${value}`,
        'value-units': unit ?? 'megawatthours',
      })),
    )
    return JSON.stringify({ response: { total: `${data.length}`, data } })
  },
}

const entsoe: PublicInterface = {
  name: 'entsoe',
  knownMs: 3 * HOUR,
  states: ['zone', 'unit'],
  isMix: true,
  open: (baseUrl, options) =>
    live(entsoeFeed({ source: 'entsoe', ...keyed, area: '10YFR-RTE------C', basis: 'life-cycle' }, baseUrl), options),
  answer: ({ searchParams }, { nowUnixMs, gPerKwh, zone, unit, shiftMs = 0 }) => {
    const [from = 0, to = 0] = ['periodStart', 'periodEnd'].map((key) => {
      const [, day, hour] = /^(\d{8})(\d\d)00$/.exec(searchParams.get(key) ?? '') ?? []
      return Date.parse(`${day?.replace(/(....)(..)(..)/, '$1-$2-$3')}T${hour}:00:00Z`)
    })
    const starts = touching(HOUR / 4, from, Math.min(to, nowUnixMs - HOUR))
    const series = ['B04', 'B14'].map((type, fuel) => {
      const points = starts.map((at, index) => {
        const quantity = mixOf(gPerKwh(at))[fuel]
        return `<Point><position>${index + 1}</position>${quantity === null ? '' : `<quantity>${quantity}</quantity>`}</Point>`
      })
      const [first = 0, last = 0] = [starts[0], starts.at(-1)].map((at) => (at ?? 0) + shiftMs)
      return `<TimeSeries><inBiddingZone_Domain.mRID codingScheme="A01">${zone ?? searchParams.get('in_Domain')}</inBiddingZone_Domain.mRID>
<quantity_Measure_Unit.name>${unit ?? 'MAW'}</quantity_Measure_Unit.name><curveType>A01</curveType><MktPSRType><psrType>${type}</psrType></MktPSRType>
<Period><timeInterval><start>${isoMinute(first)}</start><end>${isoMinute(last + HOUR / 4)}</end></timeInterval><resolution>PT15M</resolution>${points.join('')}</Period></TimeSeries>`
    })
    return `<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0">${series.join('')}</GL_MarketDocument>`
  },
}

const prometheus: PublicInterface = {
  name: 'prometheus',
  knownMs: 10 * MINUTE,
  states: ['zone'],
  open: (baseUrl, options) =>
    live(
      prometheusFeed(
        { source: 'prometheus', url: baseUrl, query: 'grid', basis: 'life-cycle', key_file: keyFile, hold: 0 },
        'DE',
      ),
      options,
    ),
  answer: ({ searchParams }, { gPerKwh, zone, shiftMs = 0 }) => {
    const [start = 0, end = 0, step = 1] = ['start', 'end', 'step'].map((key) => Number(searchParams.get(key)) * 1e3)
    const values: [number, string][] = []
    for (let at = start; at <= end; at += step) values.push([(at + shiftMs) / 1e3, `${gPerKwh(at) ?? Number.NaN}`])
    const result = [{ metric: { zone: zone ?? 'DE' }, values }]
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  },
}

const watttime: PublicInterface = {
  name: 'watttime',
  knownMs: 0,
  states: ['zone', 'unit'],
  open: (baseUrl, options) => {
    const config = { source: 'watttime', username: 'me', key_file: keyFile, region: 'CAISO_NORTH' } as const
    const marginal = createMarginal(config, options, baseUrl)
    if (marginal === null) throw new Error('no marginal source')
    // It says what is so now and nothing else.
    const at = (unixMs: number) => {
      const current = unixMs === options.unixMs() ? marginal.current() : null
      return current === null ? null : Number(current.mgPerKwh) / 1e3
    }
    return Object.assign(marginal, { at })
  },
  answer: ({ pathname, searchParams }, { nowUnixMs, gPerKwh, zone, unit, shiftMs = 0 }) => {
    if (pathname === '/login') return JSON.stringify({ token: TOKEN })
    const data = touching(5 * MINUTE, nowUnixMs, nowUnixMs + Number(searchParams.get('horizon_hours')) * HOUR).map(
      (at) => {
        const figure = gPerKwh(at)
        const value = figure === null ? null : figure / 0.45359237
        return { point_time: iso(at + shiftMs).replace('.000Z', '+00:00'), value }
      },
    )
    const region = zone ?? searchParams.get('region')
    const meta = { region, signal_type: searchParams.get('signal_type'), units: unit ?? 'lbs_co2_per_mwh' }
    return JSON.stringify({ data, meta })
  },
}

export const INTERFACES: readonly PublicInterface[] = [uk, electricitymaps, rte, eia, entsoe, prometheus, watttime]
