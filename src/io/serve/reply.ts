import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { acceptsGzip } from './preferences.ts'

/**
 * What answers are zipped into. Node keeps the first chunk of each until the next full collection: those of 16 KiB, its default, were
 * half of what a scrape each second left.
 */
const GZIP_CHUNK_BYTES = 4_096

/** Text to send, with its gzip form made once and only when somebody asks for it. */
export class Body {
  readonly plain: Buffer
  #gzip: Buffer | undefined

  constructor(text: string) {
    this.plain = Buffer.from(text)
  }

  /** Level 3: above it an exposition takes twice the time for a tenth fewer bytes. */
  get gzip(): Buffer {
    this.#gzip ??= gzipSync(this.plain, { level: 3, windowBits: 14, memLevel: 7, chunkSize: GZIP_CHUNK_BYTES })
    return this.#gzip
  }
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: Body
  readonly headers?: Readonly<Record<string, string>>
}

/** A short plain text, as for every refusal. */
export function textReply(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: new Body(`${text}\n`), headers }
}

export function jsonReply(status: number, json: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, type: 'application/json', body: new Body(`${json}\n`), headers }
}

/** Nothing here may be framed, sniffed, cached or read by another origin; the page allows its own style and script. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Below this, gzip costs more than it saves. */
const SMALLEST_GZIP_BYTES = 512

/** Writes the reply; for HEAD the same headers without the body. `extra` headers win over ours. */
export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  extra: Readonly<Record<string, string>>,
): void {
  const zip = reply.body.plain.length >= SMALLEST_GZIP_BYTES && acceptsGzip(request.headers['accept-encoding'])
  const bytes = zip ? reply.body.gzip : reply.body.plain
  response.writeHead(reply.status, {
    ...SECURITY_HEADERS,
    ...reply.headers,
    ...extra,
    'Content-Type': reply.type,
    'Content-Length': bytes.length,
    Vary: 'Accept, Accept-Encoding',
    ...(zip ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
