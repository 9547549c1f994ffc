import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { AnswerError } from '../io/answer.ts'
import { masked } from '../model/secrets.ts'

/** Of what a receiver says, as much is shown. */
const MOST_SAID = 200

/** What a receiver did not take. Throws an AnswerError for what is no answer by OTLP, such as a page of a web server. */
export function partialSuccessIn(answer: Buffer): { readonly rejectedPoints: number; readonly said: string } {
  try {
    const { partialSuccess } = ProtobufMetricsSerializer.deserializeResponse(answer)
    const { rejectedDataPoints = 0, errorMessage = '' } = partialSuccess ?? {}
    const said = masked(errorMessage.replaceAll(/[^\x20-\x7e]+/g, ' ')).slice(0, MOST_SAID)
    const rejectedPoints = Math.max(0, Number(rejectedDataPoints))
    return { rejectedPoints: Number.isSafeInteger(rejectedPoints) ? rejectedPoints : 0, said }
  } catch {
    throw new AnswerError('an answer by OTLP')
  }
}
