/** What one client may cost. Times in milliseconds. */
export interface HttpLimits {
  /** From the connection, or the first byte on a reused one, to the end of the request; also for a TLS handshake. */
  readonly requestMs: number
  /** From the request to the last byte of the answer that the client has taken. */
  readonly answerMs: number
  /** From the last answer of a connection to its end, for a client that has sent more than was answered. */
  readonly lingerMs: number
  /** Between two requests of a connection. */
  readonly idleMs: number
  /** For answers in flight when the server closes. */
  readonly closeMs: number
  readonly connections: number
  readonly headerBytes: number
  /** Of a request's body; 0 where none is read. */
  readonly bodyBytes: number
  /** Requests in a row that come before the answer to the one before them; the answer to the last ends the connection. */
  readonly ahead: number
}

export const HTTP_LIMITS: HttpLimits = {
  requestMs: 5_000,
  answerMs: 15_000,
  lingerMs: 5_000,
  // Above the usual scrape interval of a minute, so that a TLS scraper need not shake hands each time.
  idleMs: 75_000,
  closeMs: 2_000,
  connections: 128,
  headerBytes: 16_384,
  bodyBytes: 0,
  ahead: 4,
}

/** A longer URL is answered with 414. */
export const LONGEST_URL = 2_048
