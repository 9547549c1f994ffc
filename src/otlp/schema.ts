import type * as z from 'zod'
import type { Frozen } from '../model/frozen.ts'
import { choice, duration, type Form, mapping, optionalText, section } from '../schema/fields.ts'
import { serverAccess } from '../schema/server-access.ts'

const URL_FORM: Form = {
  expected: 'a URL such as http://127.0.0.1:4318',
  pattern: /^https?:\/\/[^\s#]{1,1000}$/,
  accepts: URL.canParse,
}
const ATTRIBUTE: Form = {
  expected: 'the name of an attribute, such as deployment.environment.name',
  pattern: /^[a-zA-Z][a-zA-Z0-9_.-]{0,127}$/,
}
const ATTRIBUTE_VALUE: Form = {
  expected: 'text of 1 to 256 characters, in quotes if it looks like a number',
  pattern: /^[^\0]{1,256}$/u,
}

export const otlp = section('Metrics that are pushed to an OpenTelemetry receiver, by OTLP over HTTP.', {
  url: optionalText('Receiver of the metrics, with /v1/metrics if there is no path; null pushes nothing.', URL_FORM),
  interval: duration('Time between two pushes.', '1m', '5s', '1h'),
  timeout: duration('Time after which an answer is given up.', '10s', '1s', '1m'),
  compression: choice('How what is sent is compressed.', ['gzip', 'none']),
  ...serverAccess,
  resource: mapping(
    'Attributes of the resource, besides service.*, host.name and host.id.',
    ATTRIBUTE,
    ATTRIBUTE_VALUE,
    '{ deployment.environment.name: production }',
  ),
})

export type OtlpSettings = Frozen<z.output<typeof otlp>>

/** Of a push that is on. */
export type PushSettings = OtlpSettings & { readonly url: string }
