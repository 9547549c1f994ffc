import type { ConsumerDay, LedgerSpan, NodeHour, PartHour, ReportRows } from '../ledger/report-rows.ts'
import { DAY_MS, floorTo, HOUR_MS } from '../model/time.ts'
import { exclusionsOf } from './exclusions.ts'
import { Factors } from './factors.ts'
import { PartRows, type PricedHour } from './part-rows.ts'
import type { About, Quality, Report } from './report.ts'
import { ReportFault } from './report-fault.ts'
import type { Row, View } from './rows.ts'
import { type Span, utc } from './span.ts'
import { SplitRows } from './split-rows.ts'
import { stageLines } from './stages.ts'
import { Tally } from './tally.ts'
import { costOf, type Tariff } from './tariff.ts'
import { TimeRows } from './time-rows.ts'

export interface Wanted {
  readonly span: Span
  readonly by: View
  /** Whose statement it is; null for a report of the machine. */
  readonly tenant: string | null
}

export interface ReportOptions {
  readonly rows: ReportRows
  readonly wanted: Wanted
  readonly tariff: Tariff | null
  /** Tenant of what no rule names. */
  readonly unassigned: string
  readonly about: Omit<
    About,
    'fromUnixMs' | 'untilUnixMs' | 'closedUntilUnixMs' | 'ledgerFormat' | 'currency' | 'tariff'
  >
  /** How much of the work is done, from 0 to 1. */
  readonly onProgress: (done: number) => void
}

/** Makes a report of a ledger. Throws a ReportFault for what the ledger cannot answer. */
export function makeReport({ rows, wanted, tariff, unassigned, about, onProgress }: ReportOptions): Report {
  const { span, by, tenant } = wanted
  const machine = new Tally(span.until - span.from)
  const isByTime = tenant === null && (by === 'hour' || by === 'day' || by === 'month')
  const times = isByTime ? new TimeRows(by, span) : null
  const talliesAt = (hour: number) => (times === null ? [machine] : [machine, times.of(hour)])
  // Of the passes over the span, by how long they take: consumers have the most rows.
  const isSplit = !isByTime && by !== 'part'
  const ofAll = isSplit ? 0.3 : 1
  const watched = <R extends { readonly hour: bigint }>(all: Iterable<R>, from: number, to: number) =>
    watch(
      all,
      ({ hour }) => hour,
      span,
      (done) => onProgress(ofAll * (from + (to - from) * done)),
    )

  const hours = new Map<number, PricedHour>()
  for (const node of watched(rows.nodeHours(span), 0, 0.3)) {
    const hour = Number(node.hour)
    const cost = tariff === null ? null : costOf(energyOf(node), tariff.priceOf(hour))
    if (times === null) hours.set(hour, { node, cost })
    for (const tally of talliesAt(hour)) tally.addHour(node, cost)
  }
  for (const meter of watched(rows.meterHours(span), 0.3, 0.4)) {
    for (const tally of talliesAt(Number(meter.hour))) tally.addMeter(meter)
  }
  const factors = new Factors()
  for (const booked of watched(rows.bookedHours(span), 0.4, 1)) {
    factors.add(booked)
    for (const tally of talliesAt(Number(booked.hour))) tally.addBooking(booked)
  }
  const consumers = () =>
    watch(
      rows.consumerDays(span),
      ({ day }) => day,
      span,
      (done) => onProgress(ofAll + (1 - ofAll) * done),
    )
  const split = isSplit ? splitRows(rows, consumers, wanted, hours, unassigned) : null
  const gaps = rows.gaps(span)
  onProgress(1)
  const total = split?.statement?.own ?? machine.figures
  const report = {
    about: {
      ...about,
      fromUnixMs: span.from,
      untilUnixMs: span.until,
      closedUntilUnixMs: rows.settledUntil(),
      ledgerFormat: rows.format,
      currency: tariff?.currency ?? null,
      tariff: tariff?.rule ?? null,
    },
    by,
    rows: times?.rows ?? split?.rows ?? partRows(rows, span, hours),
    total,
    statement: split?.statement ?? null,
    machine: machine.figures,
    stages: stageLines(rows.stages(span), machine.figures.embodiedUg, total.embodiedUg),
    quality: qualityOf(machine),
    meters: rows.channels(span),
    factors: factors.all,
    restatements: rows.restatements(span),
    gaps,
  }
  const firstHour = rows.firstHour()
  return { ...report, exclusions: exclusionsOf({ ...report, firstHour, coveredMs: machine.coveredMs }) }
}

function* watch<Of>(all: Iterable<Of>, timeOf: (row: Of) => bigint, span: Span, tell: (done: number) => void) {
  let day = -1
  for (const row of all) {
    const today = floorTo(DAY_MS, Number(timeOf(row)))
    if (today !== day) tell(Math.max(0, today - span.from) / (span.until - span.from))
    day = today
    yield row
  }
}

function partRows(rows: ReportRows, span: LedgerSpan, hours: ReadonlyMap<number, PricedHour>): Row[] {
  const parts = new PartRows()
  const byHour = new Map<number, PartHour[]>()
  for (const part of rows.partHours(span)) {
    const hour = Number(part.hour)
    byHour.set(hour, [...(byHour.get(hour) ?? []), part])
  }
  for (const [hour, priced] of hours) parts.addHour(priced, byHour.get(hour) ?? [])
  return parts.rows
}

function splitRows(
  rows: ReportRows,
  consumers: () => Iterable<ConsumerDay>,
  { span, by, tenant }: Wanted,
  hours: ReadonlyMap<number, PricedHour>,
  unassigned: string,
): SplitRows {
  const cut = rows.cutDay(span)
  if (cut !== null) {
    const day = utc(cut).slice(0, 10)
    throw new ReportFault(
      'REPORT_NO_DATA',
      `the ledger has ${day} by consumer only as a whole: begin and end with a full UTC day, or report by hour, day or part`,
    )
  }
  const nodes = new Map<number, Tally>()
  for (const [hour, { node, cost }] of hours) {
    const day = floorTo(DAY_MS, hour)
    const tally = nodes.get(day) ?? new Tally(HOUR_MS)
    tally.addHour(node, cost)
    nodes.set(day, tally)
  }
  const split = new SplitRows(by, tenant, unassigned)
  const byDay = Map.groupBy(consumers(), ({ day }) => Number(day))
  const days = [...new Set([...nodes.keys(), ...byDay.keys()])].sort((a, b) => a - b)
  for (const day of days) split.addDay(day, (nodes.get(day) ?? new Tally(HOUR_MS)).figures, byDay.get(day) ?? [])
  split.requireTenant()
  return split
}

function qualityOf(tally: Tally): Quality {
  const statuses = ['final', 'provisional', 'estimated'].map((status) => tally.statusUj(status))
  const booked = statuses.reduce((sum, uj) => sum + uj, 0n)
  const [final = null, provisional = null, estimated = null] = statuses.map((uj) =>
    booked === 0n ? null : (100 * Number(uj)) / Number(booked),
  )
  return {
    meters: tally.meters,
    pue: tally.pue,
    bases: tally.bases,
    finalPct: final,
    provisionalPct: provisional,
    estimatedPct: estimated,
    dataQuality: tally.dataQuality,
  }
}

function energyOf({ measuredUj, derivedUj, estimatedUj }: NodeHour): bigint {
  return measuredUj + derivedUj + estimatedUj
}
