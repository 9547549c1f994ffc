import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { FleetFault } from '../fleet-fault.ts'
import type { FleetLedger } from '../ledger/fleet-ledger.ts'
import type { HostState } from '../ledger/rows.ts'
import type { Series } from '../prometheus/answer.ts'
import type { PrometheusClient } from '../prometheus/client.ts'
import { inParallel } from '../prometheus/in-parallel.ts'
import { oneOf, selector } from '../prometheus/promql.ts'
import type { Meter, Topology } from '../topology.ts'
import { hostStates, INFO, LIVE_METRICS, partsQuery, SETTLED_METRICS } from './host-states.ts'
import { LONGEST_STEP_MS, meterHours } from './meter-hours.ts'

/** After the end of an hour: by then every agent that runs has closed it. */
const SETTLED_AFTER_MS = 30 * MINUTE_MS
/** Hosts of one answer, which then has less than two megabytes. */
const HOSTS_AT_ONCE = 500
const REQUESTS_AT_ONCE = 4

export interface CollectOptions {
  readonly client: PrometheusClient
  readonly ledger: FleetLedger
  readonly topology: Topology
  /** Matchers that each series of a machine has to fit; may be empty. */
  readonly selector: string
  readonly span: { readonly from: number; readonly until: number }
  readonly unixMs: () => number
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

interface Piece {
  readonly name: string
  /** In whose month it is kept. */
  readonly unixMs: number
  readonly read: () => Promise<void>
}

/**
 * Reads into the ledger what it lacks of a time: each piece as a whole, so that a command that ends goes on from there. Throws a
 * FleetFault; what was read until then is kept.
 */
export async function collect(options: CollectOptions): Promise<void> {
  const { ledger, onProgress } = options
  const pieces = [...edgePieces(options), ...meterPieces(options)]
  const open = pieces.filter(({ name, unixMs }) => !ledger.at(unixMs).has(name))
  let done = pieces.length - open.length
  await inParallel(open, REQUESTS_AT_ONCE, async ({ read }) => {
    await read()
    done += 1
    onProgress(done / pieces.length)
  })
}

/** The end of what can be read now. */
export function readableUntil(until: number, nowUnixMs: number): number {
  return Math.min(until, floorTo(HOUR_MS, nowUnixMs - SETTLED_AFTER_MS))
}

function* edgePieces(options: CollectOptions): Generator<Piece> {
  const { ledger, span, unixMs, selector: matchers } = options
  for (let edge = span.from; edge <= span.until; edge += HOUR_MS) {
    const name = `hosts ${edge} ${matchers}`
    const read = async () => ledger.at(edge).putHosts(name, edge, await statesAt(edge, options), unixMs())
    yield { name, unixMs: edge, read }
  }
}

async function statesAt(edge: number, { client, selector: matchers, signal }: CollectOptions): Promise<HostState[]> {
  const settledAt = edge + SETTLED_AFTER_MS
  const infos = await client.query(selector([INFO], matchers), settledAt, signal)
  const instances = [...new Set(infos.map(({ labels }) => labels.instance ?? ''))].sort()
  const others: Series[] = []
  for (let at = 0; at < instances.length; at += HOSTS_AT_ONCE) {
    const some = instances.length <= HOSTS_AT_ONCE ? '' : `instance=~${oneOf(instances.slice(at, at + HOSTS_AT_ONCE))}`
    others.push(...(await client.query(selector(SETTLED_METRICS, 'tenant=""', matchers, some), settledAt, signal)))
    others.push(...(await client.query(selector(LIVE_METRICS, matchers, some), edge, signal)))
    others.push(...(await client.query(partsQuery(matchers, some), edge, signal)))
  }
  return hostStates(infos, others)
}

function* meterPieces(options: CollectOptions): Generator<Piece> {
  const { topology, ledger, span, unixMs } = options
  for (const meter of topology.meters.values()) {
    const { sinceUnixMs, untilUnixMs, series, scale, name: meterName } = meter
    const from = Math.max(span.from, floorTo(HOUR_MS, sinceUnixMs ?? -Infinity))
    const until = Math.min(span.until, untilUnixMs ?? Infinity)
    for (let at = from; at < until; at = floorTo(DAY_MS, at) + DAY_MS) {
      const part = { fromUnixMs: at, untilUnixMs: Math.min(until, floorTo(DAY_MS, at) + DAY_MS) }
      const identity = JSON.stringify([meterName, series, scale, sinceUnixMs, untilUnixMs])
      const name = `meter ${part.fromUnixMs} ${part.untilUnixMs} ${identity}`
      const read = async () => {
        const hours = meterHours(meter, await samplesOf(meter, part, options), part)
        ledger.at(at).putMeter(name, meterName, hours, unixMs())
      }
      yield { name, unixMs: at, read }
    }
  }
}

/** Raw samples, with one on each side of the time. */
async function samplesOf(
  { name, series: query }: Meter,
  { fromUnixMs, untilUnixMs }: { readonly fromUnixMs: number; readonly untilUnixMs: number },
  { client, signal }: CollectOptions,
): Promise<Series['samples']> {
  const seconds = Math.ceil((untilUnixMs - fromUnixMs + 2 * LONGEST_STEP_MS) / 1e3)
  const series = await client.query(`${query}[${seconds}s]`, untilUnixMs + LONGEST_STEP_MS, signal)
  if (series.length > 1) {
    throw new FleetFault(
      'FLEET_FILE',
      `meters.${name}.series: expected one series, received ${series.length} on ${new Date(fromUnixMs).toISOString().slice(0, 10)}: add labels that tell them apart`,
    )
  }
  return series[0]?.samples ?? []
}
