import { dirname, resolve } from 'node:path'
import { createSecureContext, type TlsOptions } from 'node:tls'
import { type FileStamps, readStamped } from './file-stamp.ts'
import type { TlsServerConfig } from './schema.ts'

/** OpenSSL's own TLS 1.3 suites: Go always offers them, whatever `cipher_suites` says. */
const TLS13_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']

/** Something wrong with a key of the file, or with the file that it names. */
interface TlsProblem {
  readonly key: string
  readonly text: string
}

/** Reads the certificates named by `config`, relative to the file it stands in. */
export function loadTls(
  config: TlsServerConfig,
  configFile: string,
  stamps: FileStamps,
): TlsOptions | { readonly problems: readonly TlsProblem[] } {
  const problems: TlsProblem[] = []
  const pem = (key: 'cert' | 'key' | 'client_ca'): string | undefined => {
    const name = config[`${key}_file`]
    if (!name) return config[key]
    try {
      return readStamped(resolve(dirname(configFile), name), stamps)
    } catch (cause) {
      problems.push({ key: `tls_server_config.${key}_file`, text: (cause as Error).message })
      return undefined
    }
  }
  const [cert, key, ca] = [pem('cert'), pem('key'), pem('client_ca')]
  if (problems.length > 0) return { problems }
  const ciphers = config.cipher_suites.filter((cipher) => cipher !== null)
  const options: TlsOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    ...(ciphers.length === 0 ? {} : { ciphers: [...TLS13_SUITES, ...ciphers].join(':') }),
    ...(config.curve_preferences.length === 0 ? {} : { ecdhCurve: config.curve_preferences.join(':') }),
    minVersion: config.min_version,
    maxVersion: config.max_version,
    honorCipherOrder: config.prefer_server_cipher_suites,
    requestCert: config.client_auth_type !== 'NoClientCert',
    // The other policies are decided after the handshake, by `admitsClient`.
    rejectUnauthorized: config.client_auth_type === 'RequireAndVerifyClientCert',
  }
  try {
    createSecureContext(options)
  } catch (cause) {
    return { problems: [{ key: 'tls_server_config', text: (cause as Error).message }] }
  }
  return options
}
