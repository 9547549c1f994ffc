import type { TlsOptions } from 'node:tls'
import { parse } from 'yaml'
import type { z } from 'zod'
import { ExporterError } from '../exporter-error.ts'
import type { ClientPolicy } from './client-certificate.ts'
import { type FileStamps, readStamped } from './file-stamp.ts'
import { type WebConfigFile, webConfigSchema } from './schema.ts'
import { loadTls } from './tls.ts'

/** A web configuration with its certificates read. */
export interface WebConfig {
  readonly tls: { readonly options: TlsOptions; readonly policy: ClientPolicy } | null
  /** User to bcrypt hash. Empty: no authentication. */
  readonly users: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, string>>
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | null
}

export const OPEN_WEB_CONFIG: WebConfig = { tls: null, users: new Map(), headers: {}, rateLimit: null }

/**
 * Reads and checks a web configuration file and the files that it names. `stamps` receives all that were looked at, also
 * when this throws WEB_CONFIG_INVALID, with every problem of the file in one line.
 */
export function loadWebConfig(path: string, stamps: FileStamps): WebConfig {
  const file = parseWebConfig(path, stamps)
  const tls = file.tls_server_config
  const headers = Object.entries(file.http_server_config.headers).flatMap(([name, value]) =>
    value ? [[name, value]] : [],
  )
  const limit = file.rate_limit
  return {
    tls: tls === undefined ? null : { options: loadTls(tls, path, stamps), policy: tls },
    users: new Map(Object.entries(file.basic_auth_users)),
    headers: Object.fromEntries(headers),
    rateLimit: limit === undefined || limit.interval === 0 ? null : { intervalMs: limit.interval, burst: limit.burst },
  }
}

function parseWebConfig(path: string, stamps: FileStamps): WebConfigFile {
  let content: unknown
  try {
    // Warnings would go to stderr with a piece of the file, hashes of passwords included.
    content = withoutEmptySections(parse(readStamped(path, stamps), { logLevel: 'error' }))
  } catch (cause) {
    const [firstLine = ''] = (cause as Error).message.split('\n')
    throw new ExporterError('WEB_CONFIG_INVALID', `${path}: ${firstLine}`, { cause })
  }
  const result = webConfigSchema.safeParse(content)
  if (result.success) return result.data
  throw new ExporterError('WEB_CONFIG_INVALID', `${path}: ${result.error.issues.flatMap(problemsOf).join('; ')}`)
}

/** A section whose keys are all commented out reads as null in YAML and means nothing, like the whole file. */
function withoutEmptySections(content: unknown): unknown {
  if (content === null) return {}
  if (typeof content !== 'object' || Array.isArray(content)) return content
  return Object.fromEntries(Object.entries(content).filter(([, section]) => section !== null))
}

function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `unknown key ${[...path, key].join('.')}`)
  return [`${path.join('.') || 'file'}: ${issue.message}`]
}
