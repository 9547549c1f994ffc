import type { IncomingMessage, ServerResponse } from 'node:http'
import { LONGEST_URL } from '../io/serve/http-limits.ts'
import { type Reply, sendReply, textReply } from '../io/serve/reply.ts'
import type { Route } from '../io/serve/route.ts'
import { TokenBucket } from '../io/serve/token-bucket.ts'
import type { Logger } from '../model/logger.ts'
import type { KnownHosts } from './known-hosts.ts'
import { BasicAuth } from './web-config/basic-auth.ts'
import type { WebConfig } from './web-config/load.ts'

const UNKNOWN_HOST =
  'This machine is not known by the name in the request: add the name to web.hosts, or use its address'

export interface SiteOptions {
  readonly routes: ReadonlyMap<string, Route>
  readonly hosts: KnownHosts
  readonly webConfig: () => WebConfig
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly logger: Logger
}

/** What a client meets, in this order: method, URL, `Host`, rate limit, authentication (for all paths), path. */
export class Site {
  readonly #options: SiteOptions
  readonly #auth = new BasicAuth()
  #limit: { readonly of: NonNullable<WebConfig['rateLimit']>; readonly bucket: TokenBucket } | undefined

  constructor(options: SiteOptions) {
    this.#options = options
  }

  /** Writes the whole response. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const config = this.#options.webConfig()
    try {
      sendReply(request, response, await this.#reply(request, config), config.headers)
    } catch (error) {
      this.#options.logger.error({ event: 'request_failed', url: request.url, error }, 'request failed')
      if (response.headersSent) response.destroy()
      else sendReply(request, response, textReply(500, 'Internal server error'), config.headers)
    }
  }

  async #reply(request: IncomingMessage, config: WebConfig): Promise<Reply> {
    const { method, url = '', headers } = request
    if (method !== 'GET' && method !== 'HEAD') {
      return textReply(405, 'Only GET and HEAD are served', { Allow: 'GET, HEAD', Connection: 'close' })
    }
    if (url.length > LONGEST_URL) return textReply(414, 'The URL is too long', { Connection: 'close' })
    if (headersNamed('host', request) > 1) return textReply(400, 'More than one Host header', { Connection: 'close' })
    if (!this.#withinRate(config.rateLimit)) return textReply(429, 'Too many requests', { 'Retry-After': '1' })
    if (config.users.size > 0) {
      const verdict = await this.#auth.check(headers.authorization, config.users)
      if (verdict === 'busy') return textReply(503, 'Too many logins at once', { 'Retry-After': '1' })
      if (verdict === 'denied') {
        return textReply(401, 'Unauthorized', { 'WWW-Authenticate': 'Basic realm="wattledger", charset="UTF-8"' })
      }
    }
    const route = this.#options.routes.get(pathOf(url))
    if (route === undefined) return textReply(404, 'Not found')
    if (!route.anyHost && !this.#options.hosts.knows(hostOf(request))) return textReply(421, UNKNOWN_HOST)
    return route.reply(request)
  }

  #withinRate(rateLimit: WebConfig['rateLimit']): boolean {
    if (rateLimit === null) return true
    const nowMs = this.#options.nowMs()
    if (this.#limit?.of !== rateLimit) {
      this.#limit = { of: rateLimit, bucket: new TokenBucket(rateLimit.intervalMs, rateLimit.burst, nowMs) }
    }
    return this.#limit.bucket.take(nowMs)
  }
}

function headersNamed(name: string, { rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length
}

/** RFC 9112, section 3.2.2: a URL in the absolute form counts, whatever the header says. */
function hostOf({ url = '', headers }: IncomingMessage): string | null {
  return /^https?:\/\/([^/?]*)/i.exec(url)?.[1] ?? headers.host ?? null
}

/** The path without query, also of the absolute form that proxies send (RFC 9112, section 3.2.2). */
function pathOf(url: string): string {
  const [withoutQuery = ''] = url.split('?')
  return withoutQuery.replace(/^https?:\/\/[^/]*/i, '') || '/'
}
