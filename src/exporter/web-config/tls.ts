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
    const path = resolve(dirname(configFile), name)
    try {
      return readStamped(path, stamps)
    } catch (cause) {
      problems.push({ key: `tls_server_config.${key}_file`, text: `${path}: ${(cause as Error).message}` })
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
    const { message } = cause as Error
    return { problems: [{ key: 'tls_server_config', text: `${refusedIn(options) ?? 'cannot be used'} (${message})` }] }
  }
  return options
}

/** What OpenSSL says in words of its own. */
function refusedIn({ cert, key, ca }: TlsOptions): string | null {
  const isRefused = (part: TlsOptions): boolean => {
    try {
      createSecureContext(part)
      return false
    } catch {
      return true
    }
  }
  if (isRefused({ cert })) return 'expected a certificate in PEM in cert or cert_file'
  if (isRefused({ key })) return 'expected a private key in PEM, not encrypted, in key or key_file'
  if (isRefused({ ca })) return 'expected certificates in PEM in client_ca or client_ca_file'
  return isRefused({ cert, key }) ? 'the private key is not that of the certificate' : null
}
