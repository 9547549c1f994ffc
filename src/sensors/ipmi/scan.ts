import { setTimeout as sleep } from 'node:timers/promises'
import { SensorError, type SensorErrorCode } from '../../model/sensor-error.ts'
import {
  type IpmiEndpoint,
  type IpmiSource,
  type NativeChannel,
  type NativeReader,
  sensorErrorCode,
} from '../../native/addon.ts'
import { type RawReading, ReaderThread } from '../../native/reader-thread.ts'
import { explainIpmi } from './endpoint.ts'
import { type PowerSensor, powerSensorOf, type SensorPlace, supplyStatusOf } from './sdr.ts'

/** Some BMCs take seconds for each of hundreds of records' parts. */
const SCAN_PATIENCE_MS = 180_000
const ONCE_MS = 3_600_000

/** What a BMC says of itself. */
export interface BmcScan {
  /** `manufacturer:product`, to notice another BMC by. */
  readonly identity: string
  readonly manufacturer: number
  readonly firmware: string
  /** Of the records, to notice others by; empty when there are none. */
  readonly stamp: string
  readonly sensors: readonly PowerSensor[]
  /** Of its supplies. */
  readonly statuses: readonly SensorPlace[]
  /** Why the records could not be read; null when they were. */
  readonly failure: { readonly code: SensorErrorCode; readonly message: string } | null
  readonly meterHandle: number | null
}

/**
 * Asks the BMC who it is and reads its sensor data records, unless `known` holds those of the same stamp. Rejects with
 * the reader's SensorError and its remedy.
 */
export async function scanBmc(endpoint: IpmiEndpoint, known: BmcScan | null, signal: AbortSignal): Promise<BmcScan> {
  const reader: NativeReader = { type: 'ipmi-scan', ...endpoint, knownStamp: known?.stamp ?? '' }
  const [bmc, ...records] = await withThread(reader, endpoint, SCAN_PATIENCE_MS, signal, async (_, found) => found)
  const { identity = '', manufacturer = '', firmware = '', stamp = '', ...rest } = bmc?.attributes ?? {}
  const isKnown = rest.records === 'known' && known !== null
  // A stamp tells records of one BMC apart, not those of two.
  if (isKnown && known.identity !== identity) return scanBmc(endpoint, null, signal)
  const bytes = records.map(({ attributes }) => Buffer.from(attributes.record ?? '', 'hex'))
  return {
    identity,
    manufacturer: Number(manufacturer),
    firmware,
    stamp,
    sensors: isKnown ? known.sensors : bytes.flatMap((record) => powerSensorOf(record) ?? []),
    statuses: isKnown ? known.statuses : bytes.flatMap((record) => supplyStatusOf(record) ?? []),
    failure:
      rest.records === 'failed'
        ? { code: sensorErrorCode(Number(rest.error_code)), message: rest.error ?? 'unknown' }
        : null,
    meterHandle: rest.meter_handle === undefined ? null : Number(rest.meter_handle),
  }
}

/** Reads each source once. `again` is asked whether a second look is worth `pauseMs`. */
export async function probe(
  endpoint: IpmiEndpoint,
  identity: string,
  sources: readonly IpmiSource[],
  signal: AbortSignal,
  again: { readonly when: (answers: readonly RawReading[]) => boolean; readonly pauseMs: number },
): Promise<readonly RawReading[]> {
  const once = BigInt(ONCE_MS) * 1_000_000n
  const reader: NativeReader = { type: 'ipmi', ...endpoint, sources, absent: [], identity, stamp: '', watchNs: once }
  const deadlineMs = Number(endpoint.deadlineNs / 1_000_000n)
  const patienceMs = (sources.length + 2) * deadlineMs + 1_000
  return withThread(reader, endpoint, patienceMs, signal, async (thread) => {
    const first = await thread.readNow(patienceMs, signal)
    if (!again.when(first)) return first
    await sleep(again.pauseMs, undefined, { signal })
    return thread.readNow(patienceMs, signal)
  })
}

async function withThread<T>(
  reader: NativeReader,
  endpoint: IpmiEndpoint,
  patienceMs: number,
  signal: AbortSignal,
  use: (thread: ReaderThread, found: readonly NativeChannel[]) => Promise<T>,
): Promise<T> {
  const thread = new ReaderThread({ reader, intervalMs: ONCE_MS })
  try {
    return await use(thread, await thread.open(patienceMs, signal))
  } catch (cause) {
    throw cause instanceof SensorError ? explainIpmi(cause, endpoint) : cause
  } finally {
    await thread.close()
  }
}
