import { createHmac, randomBytes } from 'node:crypto'
import { PasswordCheck } from './password-check.ts'

export type Verdict = 'granted' | 'denied' | 'busy'

/** More than one password per user only matches by bcrypt's limit of 72 bytes. */
const MOST_REMEMBERED = 256

/**
 * HTTP basic authentication (RFC 7617) against bcrypt hashes. A comparison that succeeded is remembered, so that a scrape
 * costs one HMAC; what is remembered is keyed by a secret of this process and holds no password.
 */
export class BasicAuth {
  readonly #passwords: PasswordCheck
  readonly #secret = randomBytes(32)
  readonly #granted = new Set<string>()
  readonly #running = new Map<string, Promise<boolean | null>>()

  constructor(passwords = new PasswordCheck()) {
    this.#passwords = passwords
  }

  async check(authorization: string | undefined, users: ReadonlyMap<string, string>): Promise<Verdict> {
    const credentials = parseBasic(authorization)
    if (credentials === null) return 'denied'
    const { user, password } = credentials
    const hash = users.get(user)
    const key = this.#keyOf(user, hash ?? '', password)
    if (hash !== undefined && this.#granted.has(key)) return 'granted'
    const matches = await this.#compare(key, password, hash ?? decoyHash(user, users))
    if (matches === null) return 'busy'
    if (!matches || hash === undefined) return 'denied'
    if (this.#granted.size >= MOST_REMEMBERED) this.#granted.clear()
    this.#granted.add(key)
    return 'granted'
  }

  /** Scrapers that ask at the same time with the same credentials share one comparison. */
  #compare(key: string, password: string, hash: string): Promise<boolean | null> {
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const started = this.#passwords.matches(password, hash).finally(() => this.#running.delete(key))
    this.#running.set(key, started)
    return started
  }

  /** The hash is part of the key: a changed password forgets the former one. */
  #keyOf(user: string, hash: string, password: string): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64')
  }
}

function parseBasic(authorization: string | undefined): { user: string; password: string } | null {
  const token = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return null
  const [user, ...password] = Buffer.from(token, 'base64').toString('utf8').split(':')
  return user === undefined || password.length === 0 ? null : { user, password: password.join(':') }
}

/**
 * What an unknown user's password is compared with, so that the time of a refusal does not tell whether a user exists. Its
 * cost is that of one of the real hashes, always the same one for the same name, now and after a restart: where costs
 * differ, unknown names differ likewise.
 */
function decoyHash(user: string, users: ReadonlyMap<string, string>): string {
  const hashes = [...users.values()]
  const pick = createHmac('sha256', hashes.join('\n')).update(user).digest().readUInt32LE()
  const cost = hashes[pick % hashes.length]?.slice(4, 6)
  return `$2b$${cost}$${'decoy.'.repeat(9).slice(0, 53)}`
}
