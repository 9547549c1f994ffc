import type { TlsOptions } from 'node:tls'
import type { z } from 'zod'
import { ExporterError } from '../exporter-error.ts'
import type { ClientPolicy } from './client-certificate.ts'
import { type FileStamps, readStamped } from './file-stamp.ts'
import { type WebConfigFile, webConfigSchema } from './schema.ts'
import { loadTls } from './tls.ts'
import { WebDocument } from './web-document.ts'

/** A web configuration with its certificates read. */
export interface WebConfig {
  readonly tls: { readonly options: TlsOptions; readonly policy: ClientPolicy } | null
  /** User to bcrypt hash. Empty: no authentication. */
  readonly users: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, string>>
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | null
}

export const OPEN_WEB_CONFIG: WebConfig = { tls: null, users: new Map(), headers: {}, rateLimit: null }

/** One thing wrong with the file, or with one that it names. */
interface Problem {
  /** Keys from the top; empty for the file as a whole. */
  readonly path: readonly PropertyKey[]
  readonly text: string
}

/**
 * Reads and checks a web configuration file and the files that it names. `stamps` receives all that were looked at, also
 * when this throws WEB_CONFIG_INVALID, with every problem of the file in one line.
 */
export function loadWebConfig(path: string, stamps: FileStamps): WebConfig {
  const { config, problems } = inspect(path, stamps)
  if (config !== null) return config
  throw new ExporterError('WEB_CONFIG_INVALID', `${path}: ${problems.map(({ text }) => text).join('; ')}`)
}

/** Every problem of a web configuration file, each with its place. */
export function checkWebConfig(path: string): readonly string[] {
  const { problems, document } = inspect(path, new Map())
  return problems.map(({ path: keys, text }) => {
    const at = document?.locate(keys) ?? null
    return `${path}:${at === null ? ' ' : `${at.line}:${at.column}: `}${text.replaceAll(/\p{Cc}+/gu, ' ')}`
  })
}

interface Inspection {
  /** Null when there are problems. */
  readonly config: WebConfig | null
  readonly problems: readonly Problem[]
  readonly document: WebDocument | null
}

function inspect(path: string, stamps: FileStamps): Inspection {
  let document: WebDocument | null = null
  try {
    document = new WebDocument(readStamped(path, stamps))
  } catch (error) {
    return { config: null, problems: [{ path: [], text: (error as Error).message }], document }
  }
  if (document.mistakes.length > 0) return { config: null, problems: document.mistakes, document }
  const result = webConfigSchema.safeParse(document.value)
  if (!result.success) return { config: null, problems: result.error.issues.flatMap(problemsOf), document }
  const { tls_server_config: tls } = result.data
  const loaded = tls === undefined ? null : loadTls(tls, path, stamps)
  if (loaded !== null && 'problems' in loaded) {
    const problems = loaded.problems.map(({ key, text }) => ({ path: key.split('.'), text: `${key}: ${text}` }))
    return { config: null, problems, document }
  }
  return { config: configOf(result.data, loaded), problems: [], document }
}

function configOf(file: WebConfigFile, options: TlsOptions | null): WebConfig {
  const { tls_server_config: policy, rate_limit: limit, basic_auth_users: users, http_server_config: http } = file
  const headers = Object.entries(http.headers).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return {
    tls: policy === undefined || options === null ? null : { options, policy },
    users: new Map(Object.entries(users)),
    headers: Object.fromEntries(headers),
    rateLimit: limit === undefined || limit.interval === 0 ? null : { intervalMs: limit.interval, burst: limit.burst },
  }
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      text: `unknown key ${[...path, key].map(String).join('.')}`,
    }))
  }
  return [{ path, text: `${path.map(String).join('.') || 'file'}: ${issue.message}` }]
}
