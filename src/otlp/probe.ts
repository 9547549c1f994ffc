import { HttpError, httpPost } from '../io/http.ts'
import { SILENT } from '../model/logger.ts'
import { masked } from '../model/secrets.ts'
import { partialSuccessIn } from './answer.ts'
import { Receiver } from './receiver.ts'
import type { PushSettings } from './schema.ts'

export interface PushProbe {
  /** `127.0.0.1:4318` */
  readonly receiver: string
  /** Why it takes nothing, for people; null where it takes metrics. */
  readonly problem: string | null
  readonly remedy: string | null
}

/** Pushes a message without metrics, which every receiver takes. */
export async function probePush(settings: PushSettings, env: NodeJS.ProcessEnv): Promise<PushProbe> {
  const post = httpPost({ timeoutMs: settings.timeout, env, unixMs: Date.now })
  const receiver = new Receiver({ settings, post, logger: SILENT })
  try {
    partialSuccessIn(await receiver.send(new Uint8Array(), new AbortController().signal))
    return { receiver: receiver.place, problem: null, remedy: null }
  } catch (error) {
    return { receiver: receiver.place, problem: masked((error as Error).message), remedy: remedyOf(error) }
  }
}

function remedyOf(error: unknown): string {
  const status = error instanceof HttpError ? error.status : null
  if (status === 401 || status === 403) return 'Look at otlp.key_file, otlp.user and otlp.header_files.'
  if (status === 404 || status === 405) {
    return 'Look at the path of otlp.url: /v1/metrics of a Collector, /api/v1/otlp/v1/metrics of a Prometheus that was started with --web.enable-otlp-receiver.'
  }
  return 'Look at otlp.url and otlp.tls, and whether the receiver runs.'
}
