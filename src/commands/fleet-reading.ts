import { join } from 'node:path'
import { type Config, loadConfig } from '../config/loader.ts'
import { type AccountSpan, type FleetAccount, readAccount } from '../fleet/account/account.ts'
import type { HostHour } from '../fleet/account/host-hours.ts'
import { collect, readableUntil } from '../fleet/collect/collect.ts'
import { FleetFault } from '../fleet/fleet-fault.ts'
import { FleetLedger } from '../fleet/ledger/fleet-ledger.ts'
import { readTopology } from '../fleet/read-topology.ts'
import type { Place, Topology } from '../fleet/topology.ts'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { UsageError } from '../model/usage-error.ts'
import { COMMON_FORMATS, type CommonFormat } from '../report/format/document-formats.ts'
import { spanOf, utc } from '../report/span.ts'
import { chosen } from './choice.ts'
import { type FleetOptions, fleetOptions } from './fleet-options.ts'
import { prometheusAt, serverUrl } from './fleet-server.ts'
import { NewFile } from './new-file.ts'
import { Progress } from './progress.ts'
import type { Context, Output } from './run.ts'

export interface FleetContext extends Pick<Context, 'file' | 'env' | 'version' | 'unixMs' | 'options'> {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: Output
  readonly signals: () => { readonly stop: AbortSignal }
  /** How a failed request is waited for; by default in real time. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What a command of the fleet is about, before anything is read. */
export interface FleetTask {
  readonly config: Config
  readonly options: FleetOptions
  readonly format: CommonFormat
  readonly file: NewFile | null
  readonly topology: Topology
  readonly url: string
  readonly span: AccountSpan
}

/** Checks all that was typed and configured. Throws a UsageError, a ConfigFault or a FleetFault. */
export function fleetTask({ file, env, options: typed, unixMs }: FleetContext): FleetTask {
  const options = fleetOptions(typed ?? {})
  const format = chosen('--format', COMMON_FORMATS, options.format)
  if (format === 'pdf' && options.target === null) throw new UsageError('--format pdf: expected --out FILE')
  const { from, until } = spanOf(options, unixMs())
  const config = loadConfig(file, env)
  const url = serverUrl(options.prometheus, config.fleet.prometheus)
  const path = options.topology ?? config.fleet.topology
  if (path === null) throw new UsageError('--topology: expected a file, or set fleet.topology')
  const end = readableUntil(until, unixMs())
  if (end <= from)
    throw new FleetFault('FLEET_NO_DATA', `no hour since ${utc(from)} is closed yet: try again in half an hour`)
  return {
    config,
    options,
    format,
    file: options.target && NewFile.at(options.target, config.paths.state),
    topology: readTopology(path),
    url,
    span: { from, until: end },
  }
}

export interface FleetReading {
  readonly account: FleetAccount
  readonly server: string
  readonly retries: number
}

/** Reads what the fleet's ledger lacks, and draws up the account. `take` gets each hour of each host. */
export async function readFleet(
  context: FleetContext,
  { config, topology, url, span }: FleetTask,
  take?: (hour: HostHour) => void,
): Promise<FleetReading> {
  const client = prometheusAt(url, config.fleet.prometheus, context)
  const ledger = new FleetLedger(join(config.paths.state, 'fleet'), url)
  const line = new Progress(context.stderr, 'Reading the fleet')
  const { stop } = context.signals()
  try {
    await collect({
      client,
      ledger,
      topology,
      selector: config.fleet.prometheus.selector,
      span,
      unixMs: context.unixMs,
      onProgress: (done) => line.show(done),
      signal: stop,
    })
    return { account: readAccount(ledger, topology, span, take), server: client.server, retries: client.retries }
  } catch (cause) {
    if (!stop.aborted) throw cause
    throw new FleetFault('FLEET_SERVER', 'stopped: what was read is kept, and the command goes on from there', {
      cause,
    })
  } finally {
    line.clear()
    ledger.close()
  }
}

/** @throws UsageError */
export function placeCalled(name: string, { places }: Topology): Place {
  const place = places.get(name)
  if (place !== undefined) return place
  const meant = didYouMean([nearest(name, [...places.keys()])])
  throw new UsageError(`--place: expected a place of the topology file, received ${JSON.stringify(name)}${meant}`)
}
