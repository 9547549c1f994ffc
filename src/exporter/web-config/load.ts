import type { TlsOptions } from 'node:tls'
import type { z } from 'zod'
import { ConfigFault, type Fault, faultsOf, type Place } from '../../model/config-fault.ts'
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

/** One thing wrong with the file, or with one that it names. */
interface Problem {
  /** Keys from the top; empty for the file as a whole. */
  readonly path: readonly PropertyKey[]
  readonly text: string
}

/**
 * Reads and checks a web configuration file and the files that it names. `stamps` receives all that were looked at, also
 * when this throws a ConfigFault with all that is wrong.
 */
export function loadWebConfig(path: string, stamps: FileStamps): WebConfig {
  const document = documentAt(path, stamps)
  const refuse = (problems: readonly Problem[]): never => {
    throw new ConfigFault(problems.map(({ path: keys, text }) => faultIn(path, document.locate(keys), text)))
  }
  const { success, data, error } = webConfigSchema.safeParse(document.value)
  if (!success) return refuse(error.issues.flatMap(problemsOf))
  const { tls_server_config: tls } = data
  const loaded = tls === undefined ? null : loadTls(tls, path, stamps)
  if (loaded === null || !('problems' in loaded)) return configOf(data, loaded)
  return refuse(loaded.problems.map(({ key, text }) => ({ path: key.split('.'), text: `${key}: ${text}` })))
}

/** All that is wrong with a web configuration file. */
export function checkWebConfig(path: string): readonly Fault[] {
  return faultsOf(() => {
    loadWebConfig(path, new Map())
    return []
  })
}

function documentAt(path: string, stamps: FileStamps): WebDocument {
  let text: string
  try {
    text = readStamped(path, stamps)
  } catch (error) {
    throw new ConfigFault([faultIn(path, null, (error as Error).message)])
  }
  const document = new WebDocument(text)
  if (document.mistakes.length === 0) return document
  throw new ConfigFault(document.mistakes.map(({ at, text }) => faultIn(path, at, text)))
}

/** The text may quote the file, and nothing in it may pass for another line of the log. */
function faultIn(path: string, at: Place['at'], text: string): Fault {
  const place = at === null ? '' : `${at.line}:${at.column}:`
  return { key: 'web.config_file', text: `${path}:${place} ${text}`.replaceAll(/\p{Cc}+/gu, ' ') }
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
