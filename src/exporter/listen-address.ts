import { isIPv6 } from 'node:net'
import { ExporterError } from './exporter-error.ts'

export interface ListenAddress {
  /** Null: every interface, IPv4 and IPv6. */
  readonly host: string | null
  /** 0: any free port. */
  readonly port: number
}

/** Reads `web.listen`: `:10910`, `127.0.0.1:0`, `host.example:80` or `[::1]:9`. Throws LISTEN_FAILED. */
export function parseListenAddress(text: string): ListenAddress {
  const { bracketed, plain, digits } =
    /^(?:\[(?<bracketed>[0-9a-fA-F:.]+)\]|(?<plain>[^\s:[\]/]*)):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {}
  const port = Number(digits)
  const usable = digits !== undefined && port <= 65_535 && (bracketed === undefined || isIPv6(bracketed))
  if (!usable) {
    throw new ExporterError(
      'LISTEN_FAILED',
      `web.listen is ${JSON.stringify(text)}: expected [host]:port, such as :10910, 127.0.0.1:10910 or [::1]:10910`,
    )
  }
  return { host: bracketed ?? (plain || null), port }
}

/** The address to open in a browser. A wildcard is no address to connect to, so it is shown as `localhost`. */
export function urlOf(scheme: 'http' | 'https', { host, port }: ListenAddress): string {
  const wildcard = host === null || host === '::' || host === '0.0.0.0'
  // Not `isIPv6`, whose pattern is compiled to 160 kB.
  const name = wildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${scheme}://${name}:${port}`
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EACCES: 'ports below 1024 need the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'no interface of this machine has this address',
  EAFNOSUPPORT: 'this machine does not support this address family',
  ENOTFOUND: 'this host name is not known',
  EAI_AGAIN: 'this host name cannot be looked up now',
}

/** One line that names the port and the key to change. */
export function listenError({ host, port }: ListenAddress, cause: Error & { readonly code?: string }): ExporterError {
  const where = host === null ? `port ${port}` : `port ${port} of ${host}`
  const why = REASONS[cause.code ?? ''] ?? cause.message
  const message = `cannot listen on ${where}: ${why}. Set web.listen to another address, such as ":10911"`
  return new ExporterError('LISTEN_FAILED', message, { cause })
}
