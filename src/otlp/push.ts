import { createOtlpNetworkExportDelegate, ExporterMetrics, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import type { MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import { HttpError } from '../io/http.ts'
import { settledWithin } from '../io/patience.ts'
import { SourceRefresher } from '../io/refresher.ts'
import { ServerPoll } from '../io/server-poll.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import type { PushResult, PushState } from '../model/otlp.ts'
import { partialSuccessIn } from './answer.ts'
import type { Receiver } from './receiver.ts'

export interface PushOptions {
  readonly producer: MetricProducer
  readonly receiver: Receiver
  /** There is a state to push. */
  readonly isReady: () => boolean
  readonly intervalMs: number
  readonly unixMs: () => number
  /** From 0 to 1, as Math.random. */
  readonly random: () => number
  readonly logger: Logger
}

/** A fleet that starts at one moment does not push at one. */
const FIRST_WITHIN_MS = 10_000
/** The first state comes with the first readings. */
const READY_MS = 1_000
/** Waits after failures grow to this, or to the interval. */
const LONGEST_WAIT_MS = 5 * 60_000
/** The last push when the agent stops. */
const LAST_MS = 2_000
/** One at a time, and the last while the one before is given up. */
const MOST_AT_ONCE = 2

/**
 * Pushes the newest state at each interval. What is not taken is not kept: the next push has all of it, since the counters
 * are cumulative. So a receiver that hangs or is gone costs neither memory nor time of anything else.
 */
export class OtlpPush implements Component {
  readonly name = 'otlp'
  readonly #options: PushOptions
  readonly #refresher: SourceRefresher
  readonly #poll: ServerPoll
  readonly #exporter: OTLPExporterBase<ResourceMetrics>
  readonly #pushes: Record<PushResult, number> = { taken: 0, partial: 0, failed: 0 }
  #rejectedPoints = 0
  #lastTakenUnixMs: number | null = null
  #hasBegun = false
  /** The receiver refuses points, and the log says so. */
  #isPartial = false
  /** It says that pushes like the last one are of no use. */
  #isRefused = false
  #signal = new AbortController().signal

  constructor(options: PushOptions) {
    const { receiver, intervalMs, random, logger } = options
    this.#options = options
    this.#exporter = exporterTo((message) => this.#send(message))
    this.#refresher = new SourceRefresher([this], 0)
    this.#poll = new ServerPoll({
      everyMs: intervalMs,
      longestWaitMs: Math.max(intervalMs, LONGEST_WAIT_MS),
      ask: (signal) => this.#push(signal),
      who: `otlp: ${receiver.place}`,
      lapse: 'takes no metrics',
      events: { failed: 'otlp_push_failed', over: 'otlp_pushed' },
      random,
      logger,
    })
  }

  get state(): PushState {
    return {
      pushes: { ...this.#pushes },
      rejectedPoints: this.#rejectedPoints,
      lastTakenUnixMs: this.#lastTakenUnixMs,
    }
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#refresher.start(signal)
  }

  /** Ends what is under way, and pushes the last state if it is taken at once. */
  async stop(): Promise<void> {
    await this.#refresher.stop()
    if (!this.#hasBegun) return
    this.#hasBegun = false
    await settledWithin(this.#push(AbortSignal.timeout(LAST_MS)), LAST_MS)
  }

  check(): readonly string[] {
    return []
  }

  async refresh(signal: AbortSignal): Promise<number> {
    const { isReady, intervalMs, random } = this.#options
    if (!this.#hasBegun) {
      this.#hasBegun = true
      return Math.min(intervalMs, FIRST_WITHIN_MS) * random()
    }
    if (!isReady()) return READY_MS
    const waitMs = await this.#poll.refresh(signal)
    return this.#isRefused ? Math.max(waitMs, intervalMs) : waitMs
  }

  async #push(signal: AbortSignal): Promise<void> {
    const { resourceMetrics } = await this.#options.producer.collect()
    this.#signal = signal
    const rejectedBefore = this.#rejectedPoints
    try {
      await exported(this.#exporter, resourceMetrics)
    } catch (error) {
      this.#isRefused = error instanceof HttpError && error.status !== null && !RETRYABLE.has(error.status)
      this.#pushes.failed++
      throw error
    }
    this.#isRefused = false
    this.#pushes[this.#rejectedPoints > rejectedBefore ? 'partial' : 'taken']++
    this.#lastTakenUnixMs = this.#options.unixMs()
  }

  async #send(message: Uint8Array): Promise<void> {
    this.#heed(await this.#options.receiver.send(message, this.#signal))
  }

  #heed(answer: Buffer): void {
    const { rejectedPoints, said } = partialSuccessIn(answer)
    this.#rejectedPoints += rejectedPoints
    const wasPartial = this.#isPartial
    this.#isPartial = rejectedPoints > 0
    if (!this.#isPartial || wasPartial) return
    const { logger, receiver } = this.#options
    const text = `otlp: ${receiver.place} refuses ${rejectedPoints} points and takes the others; it says: ${said}`
    this.#poll.say('partial', (more) => logger.warn({ event: 'otlp_points_rejected' }, `${text}${more}`))
  }
}

/** What OTLP lets a client send again. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])

type Send = (message: Uint8Array) => Promise<void>

/**
 * The SDK's exporter over a transport of ours. Its own one sends old bytes again, cannot be stopped, has no bound for the
 * whole of a request, and takes settings from the environment.
 */
function exporterTo(send: Send): OTLPExporterBase<ResourceMetrics> {
  const metrics = new ExporterMetrics({
    componentType: 'otlp_http_metric_exporter',
    metricsHelper: MetricsExporterMetricsHelper,
    url: undefined,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  })
  const transport = {
    send: (message: Uint8Array) =>
      send(message).then(
        () => ({ status: 'success' }) as const,
        (error: Error) => ({ status: 'failure', error }) as const,
      ),
    shutdown() {},
  }
  const options = { timeoutMillis: 0, concurrencyLimit: MOST_AT_ONCE, compression: 'none' as const }
  return new OTLPExporterBase(createOtlpNetworkExportDelegate(options, ProtobufMetricsSerializer, metrics, transport))
}

/** Rejects with what the transport rejected with. */
function exported(exporter: OTLPExporterBase<ResourceMetrics>, metrics: ResourceMetrics): Promise<void> {
  return new Promise((resolve, reject) =>
    exporter.export(metrics, ({ error }) => (error === undefined ? resolve() : reject(error))),
  )
}
