import { createHash, randomBytes } from 'node:crypto'
import { keepSecret } from '../model/secrets.ts'
import { HttpError, type HttpGet } from './http.ts'

export interface Login {
  readonly username: string
  readonly password: () => string
}

/** The header that answers a server's challenge. */
type Answer = (url: URL, login: Login) => string

/**
 * A GET for servers that want a user and a password, as they ask for them: Digest (RFC 7616), so that the password is not
 * sent, or Basic. The answer to a challenge is used until the server wants another one.
 */
export function challengedGet(get: HttpGet, login: Login): HttpGet {
  let answer: Answer | null = null
  return async (request, signal) => {
    const ask = () => {
      const { url, headers } = request
      return get(
        { url, headers: answer === null ? headers : { ...headers, authorization: answer(url, login) } },
        signal,
      )
    }
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 401)) throw error
      answer = answerTo(error.challenge)
      if (answer === null) throw error
      return ask()
    }
  }
}

function answerTo(challenge: string): Answer | null {
  if (/^digest /i.test(challenge)) return digest(challenge)
  return /^basic\b/i.test(challenge) ? basic : null
}

const basic: Answer = (_, { username, password }) =>
  `Basic ${Buffer.from(`${username}:${password()}`).toString('base64')}`

const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' }

/** Null for one that asks for more than this can do. */
function digest(challenge: string): Answer | null {
  const told = Object.fromEntries(
    [...challenge.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, key = '', quoted, bare]) => [
      key,
      quoted ?? bare,
    ]),
  )
  const { realm, nonce, qop = '', opaque, algorithm = 'MD5' } = told
  const hash = HASHES[algorithm.toUpperCase()]
  if (realm === undefined || nonce === undefined || hash === undefined || !qop.split(/[\s,]+/).includes('auth'))
    return null
  const hashed = (...parts: readonly string[]): string => createHash(hash).update(parts.join(':')).digest('hex')
  const cnonce = randomBytes(12).toString('hex')
  let count = 0
  return ({ pathname, search }, { username, password }) => {
    count += 1
    const nc = count.toString(16).padStart(8, '0')
    const uri = `${pathname}${search}`
    const secret = password()
    keepSecret(secret)
    const response = hashed(hashed(username, realm, secret), nonce, nc, cnonce, 'auth', hashed('GET', uri))
    const quoted = { username, realm, nonce, uri, cnonce, response, ...(opaque !== undefined && { opaque }) }
    const list = Object.entries(quoted).map(([key, text]) => `${key}="${text.replace(/["\\]/g, '\\$&')}"`)
    return `Digest ${[...list, `algorithm=${algorithm}`, 'qop=auth', `nc=${nc}`].join(', ')}`
  }
}
