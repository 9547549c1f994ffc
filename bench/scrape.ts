import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { Exporter } from '../src/exporter/exporter.ts'
import type { ConsumerTotal } from '../src/model/attribution.ts'
import { NO_CARBON } from '../src/model/carbon.ts'
import { footprintOf } from '../src/model/footprint.ts'
import { PARTS } from '../src/model/part.ts'
import type { Snapshot } from '../src/model/snapshot.ts'
import type { BenchRow } from './row.ts'

const WARM_UP = 300
const SCRAPES = 2_000
const CASES = [
  { channels: 7, consumers: 0, atOnce: 1, snapshotMs: 0 },
  { channels: 7, consumers: 200, atOnce: 1, snapshotMs: 0 },
  { channels: 195, consumers: 0, atOnce: 1, snapshotMs: 0 },
  { channels: 195, consumers: 0, atOnce: 10, snapshotMs: 1000 },
]

/**
 * Times of scrapes as Prometheus makes them (OpenMetrics, gzip, kept connection), measured by a client on another thread,
 * beside those of a bare server that sends a constant of the same size. `new snapshot each`: every scrape finds a snapshot that nobody
 * has rendered yet, the worst case. `shared`: ten scrapers at once, and a new snapshot every second.
 */
export async function scrapeRows(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const { channels, consumers, atOnce, snapshotMs } of CASES) {
    const { series, body, timesMs } = await timeExporter(() => snapshotOf(channels, consumers), atOnce, snapshotMs)
    const bareMs = await timeBareServer(body, atOnce)
    const ratio = quantile(timesMs, 0.5) / quantile(bareMs, 0.5)
    rows.push({
      name: `scrape, ${series} series, ${atOnce === 1 ? 'new snapshot each' : `${atOnce} at once, shared`}`,
      figure: `p50 ${show(timesMs, 0.5)} ms, p99 ${show(timesMs, 0.99)} ms; bare node:http ${show(bareMs, 0.5)} and ${show(bareMs, 0.99)} ms (x${ratio.toFixed(1)})`,
      aim: atOnce === 1 ? 'p99 below 5 ms' : 'near the bare server',
    })
  }
  return rows
}

async function timeExporter(next: () => Snapshot, atOnce: number, snapshotMs: number) {
  let snapshot = next()
  let takenMs = performance.now()
  const silent = (): void => {}
  const exporter = new Exporter({
    listen: '127.0.0.1:0',
    webConfigFile: null,
    hosts: [],
    snapshot: () => {
      if (performance.now() - takenMs >= snapshotMs) {
        snapshot = next()
        takenMs = performance.now()
      }
      return snapshot
    },
    renew: async () => {},
    health: () => ({ ok: true, reasons: [] }),
    version: '0.0.0',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
  })
  await exporter.start(new AbortController().signal)
  const url = `${exporter.address}/metrics`
  const timesMs = await timesOf(url, atOnce)
  const body = await rawBody(url)
  await exporter.stop(AbortSignal.timeout(1000))
  const series = gunzipSync(body).toString().match(/^[^#]/gm)?.length ?? 0
  return { series, body, timesMs }
}

async function timeBareServer(body: Buffer, atOnce: number): Promise<number[]> {
  const server = createServer((_request, response) => response.end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const timesMs = await timesOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, atOnce)
  server.close()
  return timesMs
}

function timesOf(url: string, atOnce: number): Promise<number[]> {
  const workerData = { url, atOnce, warmUp: WARM_UP, scrapes: SCRAPES }
  const client = new Worker(new URL('./scrape-client.ts', import.meta.url), { workerData })
  return new Promise((resolve, reject) => client.once('message', resolve).once('error', reject))
}

/** The bytes as they are sent, since `fetch` would decode them. */
function rawBody(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' }
    get(url, { headers, agent: false }, async (response) => resolve(Buffer.concat(await response.toArray()))).on(
      'error',
      reject,
    )
  })
}

const quantile = (timesMs: readonly number[], q: number): number =>
  timesMs.toSorted((a, b) => a - b)[Math.floor(q * (timesMs.length - 1))] ?? Number.NaN

const show = (timesMs: readonly number[], q: number): string => quantile(timesMs, q).toFixed(2)

/** Five series per channel, three per consumer and some forty of the machine; totals with all their digits. */
function snapshotOf(channels: number, consumers: number): Snapshot {
  const anyUj = BigInt(Math.floor(Math.random() * 2 ** 50))
  return {
    atUnixMs: Date.now(),
    node: {
      name: 'bench',
      labels: { rack: 'r12', campus: 'fra1' },
      totals: {
        energyUj: { measured: anyUj, derived: anyUj / 7n, estimated: anyUj / 13n },
        parts: PARTS.map((part) => ({ part, quality: 'measured' as const, energyUj: anyUj / 5n })),
        unaccountedNs: 1_234_567n,
        leafGaps: [],
      },
      meter: 'ipmi-dcmi',
      powerUw: anyUj / 1_000_000n,
      uncertaintyRatio: 0.021,
      leaves: [],
      partShares: [],
      partsExceedMeter: false,
      models: [{ meter: 'dcmi', changes: 0 }],
      modelResidualW: 1.5,
    },
    carbon: {
      ...NO_CARBON,
      bookedUg: {
        ...NO_CARBON.bookedUg,
        location: { direct: 0n, 'life-cycle': anyUj / 9n },
        embodied: { direct: 0n, 'life-cycle': anyUj / 11n },
      },
      gridWaterUl: anyUj / 13n,
    },
    counted: {
      location: ['life-cycle'],
      market: [],
      embodied: ['life-cycle'],
      siteWater: false,
      gridWater: true,
    },
    channels: Array.from({ length: channels }, (_, index) => ({
      sensor: 'nvml',
      scope: 'gpu' as const,
      device: `GPU-5f6e2a31-0c1d-4b7a-9a55-${index.toString(16).padStart(12, '0')}`,
      energyUj: anyUj + BigInt(index),
      unaccountedNs: 2_000_000_000n,
      powerUw: 71_012_345n,
      register: { wraps: 0, resets: index % 3 },
    })),
    sensors: [],
    intensities: [
      {
        zone: 'DE',
        basis: 'life-cycle',
        mgPerKwh: 381_400n,
        source: 'static:ember-2024',
        startsUnixMs: 1_704_067_200_000,
      },
    ],
    puePpm: 1_120_000n,
    ledger: { writable: true, queuedBatches: 0, droppedBatches: 0, sizeBytes: 12_345_344, message: null },
    selfEnergyUj: anyUj / 1000n,
    attribution: {
      consumers: Array.from({ length: consumers }, (_, index) => consumerOf(`unit-${index}.service`, anyUj)),
      tenants: [{ tenant: 'unassigned', idleUj: anyUj / 2n, dynamicUj: anyUj / 3n }],
    },
    settled: null,
    workloads: [],
  }
}

function consumerOf(name: string, energyUj: bigint): ConsumerTotal {
  const consumer = { kind: 'service', id: name, name, labels: {} } as const
  const [idleUj, dynamicUj] = [energyUj / 11n, energyUj / 17n]
  const booked = footprintOf([0n, energyUj / 9_000n, 0n, 0n, 0n, energyUj / 70_000n, 0n, 0n])
  return { consumer, tenant: 'unassigned', idleUj, dynamicUj, booked, bornUnixMs: 1_772_366_400_000, goneUnixMs: null }
}
