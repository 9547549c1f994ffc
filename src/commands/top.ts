import type { Config } from '../config/loader.ts'
import { parseListenAddress, urlOf } from '../exporter/listen-address.ts'
import { HttpError } from '../io/http.ts'
import { UsageError } from '../model/usage-error.ts'
import { AgentPage, problemOf } from '../top/agent.ts'
import { glyphsFor } from '../top/glyphs.ts'
import { Live, listing } from '../top/live.ts'
import type { TerminalInput } from '../top/terminal.ts'
import { configOf } from './exec-client.ts'
import { EX_FAILURE, EX_OK } from './exit-codes.ts'
import type { Context } from './run.ts'
import { pour } from './standard-output.ts'

export interface TopContext extends Pick<Context, 'file' | 'env' | 'stdout' | 'options' | 'signals'> {
  readonly stdin?: TerminalInput
}

const DEFAULT_LISTEN = ':10910'
const USUAL_COLUMNS = 80
const [LEAST_S, MOST_S] = [0.5, 3_600]

/** Shows what the machine draws now, live on a terminal, and once anywhere else. */
export async function top(context: TopContext): Promise<number> {
  const { file, env, stdout, options = {}, stdin = process.stdin } = context
  const intervalS = options.interval === undefined ? 2 : Number(options.interval || 'none')
  if (!(intervalS >= LEAST_S && intervalS <= MOST_S)) {
    throw new UsageError(`--interval: expected seconds from ${LEAST_S} to ${MOST_S}, received ${options.interval}`)
  }
  const url = options.url === undefined ? addressOf(configOf(file, env)) : givenUrl(String(options.url))
  // The own machine is behind no proxy.
  const page = new AgentPage(url, options.url === undefined ? {} : env)
  const signals = context.signals()
  const isLive = stdout.isTTY && options.once !== true && env.TERM !== 'dumb'
  const look = {
    address: url.host,
    glyphs: glyphsFor(env),
    hasColour: stdout.isTTY && !env.NO_COLOR && env.TERM !== 'dumb',
  }
  if (!isLive) {
    const columns = (stdout.isTTY && stdout.columns) || Number(env.COLUMNS) || USUAL_COLUMNS
    const text = await listing(page, { ...look, columns }, signals.stop).catch((error) => {
      throw signals.stop.aborted ? error : unanswered(error)
    })
    await pour([text], stdout)
    return EX_OK
  }
  const hungUp = new AbortController()
  // A terminal that is closed says so with the signal that has an agent reload.
  signals.onReload(() => hungUp.abort())
  const stop = AbortSignal.any([signals.stop, hungUp.signal])
  const nowMs = () => performance.now()
  const live = new Live({ page, ...look, input: stdin, output: stdout, intervalMs: intervalS * 1e3, nowMs, stop })
  const hasQuit = await live.run()
  return hasQuit && !hungUp.signal.aborted ? EX_OK : EX_FAILURE
}

/** @throws UsageError where no address can be known */
function addressOf(config: Config | null): URL {
  const listen = parseListenAddress(config?.web.listen ?? DEFAULT_LISTEN)
  if (listen.port === 0) throw new UsageError('--url: expected, since web.listen leaves the port to the system')
  return new URL(urlOf('http', listen))
}

function givenUrl(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError(`--url: expected an address such as http://db-17:10910, received ${JSON.stringify(text)}`)
  }
  return url
}

const START = 'start the agent (systemctl start wattledger), or name its address with --url'
const TRUST = 'trust its authority with NODE_EXTRA_CA_CERTS=FILE'
/** What helps against what broke a connection, by Node's name of it. */
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNRESET: 'if it serves TLS, name its address with --url https://HOST:PORT',
  EPROTO: 'if it serves no TLS, name its address with --url http://HOST:PORT',
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  ERR_TLS_CERT_ALTNAME_INVALID: 'name it with --url as the certificate does',
}

function unanswered(error: unknown): Error {
  const hasAnswered = !(error instanceof HttpError) || error.status !== null
  const remedy = hasAnswered ? '' : `: ${REMEDIES[error.code ?? ''] ?? START}`
  return Object.assign(new Error(`${problemOf(error)}${remedy}`, { cause: error }), { code: 'NO_AGENT' })
}
