/**
 * Reads OTLP metrics from the bytes of protobuf, by the numbers of opentelemetry-proto 1.x and nothing of the SDK's:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
export interface Point {
  readonly attributes: Readonly<Record<string, string>>
  readonly startNs: bigint
  readonly endNs: bigint
  /** Null for a histogram. */
  readonly value: number | null
  readonly histogram: {
    readonly count: bigint
    readonly sum: number
    readonly counts: bigint[]
    readonly bounds: number[]
  } | null
}

export interface DecodedMetric {
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly kind: 'gauge' | 'sum' | 'histogram'
  readonly isMonotonic: boolean
  /** 2 is cumulative. */
  readonly temporality: number
  readonly points: readonly Point[]
}

export interface DecodedRequest {
  readonly resource: Readonly<Record<string, string>>
  readonly schemaUrl: string
  readonly scope: string
  readonly metrics: readonly DecodedMetric[]
}

type Field = bigint | Buffer
/** All values of each field, in order. */
type Message = ReadonlyMap<number, readonly Field[]>

function parse(bytes: Buffer): Message {
  const fields = new Map<number, Field[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the message ends within a field')
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const [number, type] = [Number(tag >> 3n), Number(tag & 7n)]
    const value =
      type === 0 ? varint() : type === 1 ? take(8) : type === 2 ? take(Number(varint())) : type === 5 ? take(4) : null
    if (value === null) throw new Error(`no wire type ${type}`)
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}

const all = (message: Message, field: number): Buffer[] => (message.get(field) ?? []) as Buffer[]
const messages = (message: Message, field: number): Message[] => all(message, field).map(parse)
const text = (message: Message, field: number): string => all(message, field).at(-1)?.toString('utf8') ?? ''
const fixed = (message: Message, field: number): bigint => all(message, field).at(-1)?.readBigUInt64LE() ?? 0n
const double = (message: Message, field: number): number | undefined => all(message, field).at(-1)?.readDoubleLE()
const plain = (message: Message, field: number): number => Number(message.get(field)?.at(-1) ?? 0)
const packed = (message: Message, field: number): Buffer[] =>
  all(message, field).flatMap((run) => Array.from({ length: run.length / 8 }, (_, n) => run.subarray(8 * n, 8 * n + 8)))

/** Of attributes that are text. */
function attributesOf(pairs: readonly Message[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => [
      text(pair, 1),
      messages(pair, 2)
        .map((value) => text(value, 1))
        .join(),
    ]),
  )
}

function pointOf(point: Message, isHistogram: boolean): Point {
  const value = double(point, 4)
  if (!isHistogram && value === undefined) throw new Error('a point without as_double')
  return {
    attributes: attributesOf(messages(point, isHistogram ? 9 : 7)),
    startNs: fixed(point, 2),
    endNs: fixed(point, 3),
    value: isHistogram ? null : (value ?? null),
    histogram: isHistogram
      ? {
          count: fixed(point, 4),
          sum: double(point, 5) ?? Number.NaN,
          counts: packed(point, 6).map((count) => count.readBigUInt64LE()),
          bounds: packed(point, 7).map((bound) => bound.readDoubleLE()),
        }
      : null,
  }
}

function metricOf(metric: Message): DecodedMetric {
  const [kind, data] = metric.has(5)
    ? (['gauge', messages(metric, 5)[0]] as const)
    : metric.has(7)
      ? (['sum', messages(metric, 7)[0]] as const)
      : (['histogram', messages(metric, 9)[0]] as const)
  if (data === undefined) throw new Error('a metric without data')
  return {
    name: text(metric, 1),
    description: text(metric, 2),
    unit: text(metric, 3),
    kind,
    isMonotonic: plain(data, 3) === 1,
    temporality: plain(data, 2),
    points: messages(data, 1).map((point) => pointOf(point, kind === 'histogram')),
  }
}

/** An ExportMetricsServiceRequest with one resource and one scope, or one without anything. */
export function decodeRequest(bytes: Buffer): DecodedRequest {
  if (bytes.length === 0) return { resource: {}, schemaUrl: '', scope: '', metrics: [] }
  const [resourceMetrics, ...others] = messages(parse(bytes), 1)
  if (resourceMetrics === undefined || others.length > 0) throw new Error('expected one resource')
  const [scopeMetrics] = messages(resourceMetrics, 2)
  if (scopeMetrics === undefined) throw new Error('expected one scope')
  return {
    resource: attributesOf(messages(resourceMetrics, 1).flatMap((resource) => messages(resource, 1))),
    schemaUrl: text(resourceMetrics, 3),
    scope: messages(scopeMetrics, 1)
      .map((scope) => text(scope, 1))
      .join(),
    metrics: messages(scopeMetrics, 2).map(metricOf),
  }
}

/** An ExportMetricsServiceResponse with a partial success. */
export function partialSuccess(rejectedPoints: number, message: string): Buffer {
  const said = Buffer.from(message)
  const inner = Buffer.concat([Buffer.from([0x08, rejectedPoints, 0x12, said.length]), said])
  return Buffer.concat([Buffer.from([0x0a, inner.length]), inner])
}
