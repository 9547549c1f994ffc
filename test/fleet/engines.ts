import { Prometheus, missing as prometheusIsMissing } from '../evidence/prometheus.ts'
import { VictoriaMetrics, missing as victoriaMetricsIsMissing } from '../evidence/victoria-metrics.ts'
import { freePort } from '../lab/free-port.ts'

export interface Engine extends AsyncDisposable {
  readonly url: string
}

/** Real servers with the API of Prometheus, each with a history in OpenMetrics. */
export const ENGINES = [
  {
    name: 'Prometheus',
    skip: prometheusIsMissing('prometheus'),
    start: async (history: string): Promise<Engine> => {
      const engine = new Prometheus(await freePort('tcp'), [], history)
      await engine.ready()
      return engine
    },
  },
  {
    name: 'VictoriaMetrics',
    skip: victoriaMetricsIsMissing,
    start: async (history: string): Promise<Engine> => {
      const engine = new VictoriaMetrics(await freePort('tcp'))
      await engine.import(inMilliseconds(history))
      return engine
    },
  },
] as const

/** The text format instead of OpenMetrics. */
function inMilliseconds(history: string): string {
  const lines = history.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines
    .map((line) => `${line.replace(/\S+$/, (seconds) => String(Math.round(Number(seconds) * 1e3)))}\n`)
    .join('')
}
