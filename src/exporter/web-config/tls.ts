import { dirname, resolve } from 'node:path'
import { createSecureContext, type TlsOptions } from 'node:tls'
import { ExporterError } from '../exporter-error.ts'
import { type FileStamps, readStamped } from './file-stamp.ts'
import type { TlsServerConfig } from './schema.ts'

/** OpenSSL's own TLS 1.3 suites: Go always offers them, whatever `cipher_suites` says. */
const TLS13_SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256']

/** Reads the certificates named by `config`, relative to the file it stands in. Throws WEB_CONFIG_INVALID. */
export function loadTls(config: TlsServerConfig, configFile: string, stamps: FileStamps): TlsOptions {
  const pem = (key: 'cert' | 'key' | 'client_ca'): string | undefined => {
    const name = config[`${key}_file`]
    if (!name) return config[key]
    try {
      return readStamped(resolve(dirname(configFile), name), stamps)
    } catch (cause) {
      throw unusable(configFile, `tls_server_config.${key}_file`, cause)
    }
  }
  const ca = pem('client_ca')
  const ciphers = config.cipher_suites.filter((cipher) => cipher !== null)
  const options: TlsOptions = {
    cert: pem('cert'),
    key: pem('key'),
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
    throw unusable(configFile, 'tls_server_config', cause)
  }
  return options
}

function unusable(configFile: string, key: string, cause: unknown): ExporterError {
  return new ExporterError('WEB_CONFIG_INVALID', `${configFile}: ${key}: ${(cause as Error).message}`, { cause })
}
