import type * as z from 'zod'
import type { Frozen } from '../model/frozen.ts'
import { ABSOLUTE_PATH, choice, duration, type Form, mapping, optionalText, section } from '../schema/fields.ts'

const URL_FORM: Form = {
  expected: 'a URL such as http://127.0.0.1:4318',
  pattern: /^https?:\/\/[^\s#]{1,1000}$/,
  accepts: URL.canParse,
}
const USER: Form = {
  expected: 'a name of 1 to 256 printable characters without a colon',
  pattern: /^[^:\p{Cc}]{1,256}$/u,
}
// RFC 9110, 5.6.2 and 5.5; the rest is the transport's own.
const HEADER: Form = {
  expected: 'the name of a header other than authorization, host, content-type, content-length and content-encoding',
  pattern: /^(?!(?:authorization|host|content-(?:type|length|encoding))$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/i,
}
const HEADER_VALUE: Form = { expected: 'text of 1 to 1000 printable characters', pattern: /^[\x20-\x7e]{1,1000}$/ }
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
  key_file: optionalText(
    'File with a bearer token, or with the password of the user; null sends neither.',
    ABSOLUTE_PATH,
  ),
  user: optionalText('User of basic authentication, whose password is in key_file.', USER),
  headers: mapping('Further headers, which everybody may see.', HEADER, HEADER_VALUE, '{ X-Scope-OrgID: tenant-1 }'),
  header_files: mapping(
    'Further headers, each with the file that has its secret value on one line.',
    HEADER,
    ABSOLUTE_PATH,
    '{ api-key: /etc/wattledger/otlp.key }',
  ),
  tls: section('TLS of an https URL.', {
    ca_file: optionalText(
      'PEM file with the authorities that are trusted in place of the well-known ones.',
      ABSOLUTE_PATH,
    ),
    cert_file: optionalText('PEM file with the certificate that the agent shows, and its chain.', ABSOLUTE_PATH),
    key_file: optionalText('PEM file with the private key of that certificate.', ABSOLUTE_PATH),
  }),
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
