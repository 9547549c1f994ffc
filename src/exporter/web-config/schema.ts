import * as z from 'zod'

/**
 * The web configuration file that all Prometheus exporters share (https://github.com/prometheus/exporter-toolkit). Keys
 * and defaults are theirs, so that one file serves every exporter of a host.
 */
const TLS_VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** Names of Go's crypto/tls to those of OpenSSL. TLS 1.3 suites cannot be chosen there, so they map to nothing. */
const CIPHERS: Readonly<Record<string, string | null>> = {
  TLS_AES_128_GCM_SHA256: null,
  TLS_AES_256_GCM_SHA384: null,
  TLS_CHACHA20_POLY1305_SHA256: null,
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
}

const CURVES = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const

/** An enumeration of the keys of a table, read as their values. */
function oneOf<Value>(table: Readonly<Record<string, Value>>) {
  const names = Object.keys(table)
  return z.enum(names, { error: `expected one of ${names.join(', ')}` }).transform((key) => table[key] as Value)
}

const tlsVersion = oneOf(TLS_VERSIONS)

const tlsServer = z
  .strictObject({
    cert: z.string().optional(),
    key: z.string().optional(),
    client_ca: z.string().optional(),
    cert_file: z.string().optional(),
    key_file: z.string().optional(),
    client_ca_file: z.string().optional(),
    client_auth_type: z
      .enum([
        'NoClientCert',
        'RequestClientCert',
        'RequireClientCert',
        'RequireAnyClientCert',
        'VerifyClientCertIfGiven',
        'RequireAndVerifyClientCert',
      ])
      // The toolkit keeps the older spelling of the same policy.
      .transform((type) => (type === 'RequireClientCert' ? 'RequireAnyClientCert' : type))
      .default('NoClientCert'),
    client_allowed_sans: z.array(z.string()).min(1).optional(),
    min_version: tlsVersion.default(TLS_VERSIONS.TLS12),
    max_version: tlsVersion.default(TLS_VERSIONS.TLS13),
    cipher_suites: z.array(oneOf(CIPHERS)).default([]),
    prefer_server_cipher_suites: z.boolean().default(true),
    curve_preferences: z.array(oneOf(CURVES)).default([]),
  })
  .superRefine((tls, context) => {
    const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    for (const name of ['cert', 'key', 'client_ca'] as const) {
      if (tls[name] && tls[`${name}_file`]) complain(name, `give only one of ${name} and ${name}_file`)
      if (name !== 'client_ca' && !tls[name] && !tls[`${name}_file`])
        complain(name, `give one of ${name} and ${name}_file`)
    }
    if (tls.min_version > tls.max_version) complain('min_version', 'must not be above max_version')
    if ((tls.client_ca || tls.client_ca_file) && tls.client_auth_type === 'NoClientCert') {
      complain('client_auth_type', 'a client CA has no effect with NoClientCert')
    }
    if (tls.client_allowed_sans && !/^Require/.test(tls.client_auth_type)) {
      complain('client_allowed_sans', 'needs RequireAnyClientCert or RequireAndVerifyClientCert')
    }
  })

/** RFC 9110, section 5.5: no control characters, so that no value can begin another header. */
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'expected printable ASCII on one line')

const headers = z.strictObject({
  'Content-Security-Policy': headerValue.optional(),
  'Strict-Transport-Security': headerValue.optional(),
  'X-Content-Type-Options': z.literal(['nosniff', '']).optional(),
  'X-Frame-Options': z.literal(['deny', 'sameorigin', '']).optional(),
  'X-XSS-Protection': headerValue.optional(),
})

/** Go durations in their usual spelling, in milliseconds: `1s`, `250ms`, `1m30s`, `0`. */
const duration = z
  .union([
    z.literal(0),
    z.string().regex(/^(0|(\d+(\.\d+)?(ms|s|m|h))+)$/, 'expected a duration such as 250ms or 1m30s'),
  ])
  .transform((text) => {
    const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
    const parts = String(text).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)
    return [...parts].reduce((sumMs, [, amount, unit]) => sumMs + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
  })

/** `htpasswd -B` writes `$2y$`, other tools `$2a$` and `$2b$`: the same hash. */
const bcryptHash = z
  .string()
  .regex(
    /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/,
    'expected a bcrypt hash, as htpasswd -nBC 10 NAME prints it',
  )

export const webConfigSchema = z.strictObject({
  tls_server_config: tlsServer.optional(),
  http_server_config: z
    .strictObject({
      // HTTP/2 is an offer that a client may decline, and this server always speaks HTTP/1.1.
      http2: z.boolean().optional(),
      headers: headers.default({}),
    })
    .default({ headers: {} }),
  basic_auth_users: z.record(z.string().min(1), bcryptHash).default({}),
  rate_limit: z
    .strictObject({ interval: duration.default(0), burst: z.int().min(0).default(0) })
    .refine(({ interval, burst }) => interval === 0 || burst > 0, {
      path: ['burst'],
      message: 'must be at least 1, or every request is refused',
    })
    .optional(),
})

export type WebConfigFile = z.output<typeof webConfigSchema>
export type TlsServerConfig = NonNullable<WebConfigFile['tls_server_config']>
