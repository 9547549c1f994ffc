import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { TlsServerConfig } from './schema.ts'

export type ClientPolicy = Pick<TlsServerConfig, 'client_auth_type' | 'client_allowed_sans'>

/** Whether a connection may go on after its handshake. OpenSSL alone knows neither "any certificate" nor names. */
export function admitsClient(socket: TLSSocket, policy: ClientPolicy): boolean {
  const certificate = socket.getPeerX509Certificate()
  switch (policy.client_auth_type) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true
    case 'VerifyClientCertIfGiven':
      return certificate === undefined || socket.authorized
    case 'RequireAnyClientCert':
      return certificate !== undefined && namesAllowed(certificate, policy.client_allowed_sans)
    case 'RequireAndVerifyClientCert':
      return certificate !== undefined && socket.authorized && namesAllowed(certificate, policy.client_allowed_sans)
  }
}

function namesAllowed(certificate: X509Certificate, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true
  const names = alternativeNames(certificate.subjectAltName ?? '')
  return allowed.some((name) => (isIP(name) ? certificate.checkIP(name) !== undefined : names.includes(name)))
}

/**
 * Names in Node's text form, `DNS:a, URI:"b, c"`. A name with unusual characters is quoted, and a comma inside it must not
 * pass for the end of it (CVE-2021-44532), so the text is read from the start and no further than it is understood.
 */
export function alternativeNames(text: string): readonly string[] {
  const entry = /(?:DNS|URI|email|IP Address|DirName|Registered ID|othername):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/y
  const names: string[] = []
  for (let found = entry.exec(text); found?.[0]; found = entry.exec(text)) {
    const [, quoted, plain] = found
    names.push(quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted)))
  }
  return names
}
