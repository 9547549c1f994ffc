import { PUSH_RESULTS, type PushState } from '../model/otlp.ts'
import type { Metric } from './metric.ts'
import { NO_LABELS } from './metric-units.ts'

/** What becomes of the metrics that are pushed to an OpenTelemetry receiver. Absent where none is configured. */
export const OTLP_METRICS: readonly Metric<PushState | null>[] = [
  {
    name: 'wattledger_otlp_pushes_total',
    type: 'counter',
    help: 'Pushes to the OpenTelemetry receiver by their end: taken whole, taken in part (partial), or failed.',
    labels: ['result'],
    samples: (state) => (state === null ? [] : PUSH_RESULTS.map((result) => [state.pushes[result], { result }])),
  },
  {
    name: 'wattledger_otlp_rejected_points_total',
    type: 'counter',
    help: 'Points that the OpenTelemetry receiver refused, of pushes that it took.',
    labels: [],
    samples: (state) => (state === null ? [] : [[state.rejectedPoints, NO_LABELS]]),
  },
  {
    name: 'wattledger_otlp_last_push_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last push that the OpenTelemetry receiver took.',
    labels: [],
    samples: (state) =>
      state === null || state.lastTakenUnixMs === null ? [] : [[state.lastTakenUnixMs / 1000, NO_LABELS]],
  },
]
