import { createHash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Form } from '../../schema/fields.ts'

export const FINGERPRINT: Form = {
  expected: 'a SHA-256 fingerprint, 64 hexadecimal digits with or without colons,',
  pattern: /^[\da-f]{2}(?::?[\da-f]{2}){31}$/i,
}

/** A certificate that nothing is sent to. */
export interface Refused {
  readonly reason: string
  /** Of the certificate: `AB:CD:...`. */
  readonly fingerprint: string
}

/**
 * What is wrong with the certificate that a far end shows; null where nothing is.
 * @param pin SHA-256 of the one that is accepted; null accepts those of authorities that the socket trusts
 * @param key that has the pin in the configuration
 */
export function refusedIn(socket: TLSSocket, pin: string | null, key: string): Refused | null {
  const shown = createHash('sha256')
    .update(socket.getPeerX509Certificate()?.raw ?? '')
    .digest('hex')
  const wanted = pin?.replaceAll(':', '').toLowerCase() ?? null
  if (wanted === shown || (wanted === null && socket.authorized)) return null
  const reason =
    wanted === null
      ? `its certificate is signed by no known authority or is of another name (${socket.authorizationError})`
      : `it shows another certificate than ${key}`
  return { reason, fingerprint: (shown.toUpperCase().match(/../g) ?? []).join(':') }
}
