import { hash } from 'node:crypto'

export function checksumOf(body: string | Uint8Array): string {
  return hash('sha256', body, 'hex')
}

/** A file of one line with the SHA-256 of what follows, then a body of one line. */
export function checkedText(body: string): string {
  return `${checksumOf(body)}\n${body}\n`
}

/** @throws Error when it is not what was written. */
export function checkedBody(text: string): string {
  const [checksum, body = ''] = text.split('\n')
  if (checksum !== checksumOf(body)) throw new Error('its checksum does not fit')
  return body
}
