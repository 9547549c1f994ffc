import { AnswerError, dig, parseJson } from './answer.ts'
import { HttpError, type HttpGet, type HttpRequest } from './http.ts'

export interface LoginOptions {
  readonly get: HttpGet
  readonly url: URL
  /** How long a token is used. */
  readonly lifetimeMs: number
  readonly unixMs: () => number
}

interface Token {
  readonly text: string
  readonly basic: string
  readonly untilUnixMs: number
}

/**
 * A GET for servers that want a token in place of user and password. Requests carry both (`Basic`); they are exchanged
 * for a token (`Bearer`), which is kept until it is old or is refused.
 */
export function bearerLogin({ get, url, lifetimeMs, unixMs }: LoginOptions): HttpGet {
  let kept: Token | null = null

  async function login(basic: string, signal: AbortSignal): Promise<Token> {
    kept = null
    const untilUnixMs = unixMs() + lifetimeMs
    const answer = await get({ url, headers: { accept: 'application/json', authorization: basic } }, signal)
    const text = dig(parseJson(answer), 'token')
    // The received text is not shown: it may be a token.
    if (typeof text !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(text)) throw new AnswerError('a token', typeof text)
    kept = { text, basic, untilUnixMs }
    return kept
  }

  return async (request, signal) => {
    const { authorization: basic = '' } = request.headers
    const known = kept?.basic === basic && kept.untilUnixMs > unixMs() ? kept : null
    if (known === null) return get(withToken(request, await login(basic, signal)), signal)
    try {
      return await get(withToken(request, known), signal)
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 401)) throw error
      return get(withToken(request, await login(basic, signal)), signal)
    }
  }
}

function withToken(request: HttpRequest, { text }: Token): HttpRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${text}` } }
}
