import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { readBounded } from '../io/bounded-file.ts'

/** /etc/hosts and /etc/resolv.conf; larger ones name no machine. */
const MOST_BYTES = 1 << 16

/**
 * Whether the `Host` of a request means this machine. A page elsewhere can have its name point here (DNS rebinding), and the
 * browser then takes what is served here for that page's own; the name is what gives it away. `configured` names count
 * besides; `*` stands for every name, `*.example.org` for all below one.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>
  readonly #domains: readonly string[]
  readonly #isOpen: boolean

  constructor(configured: readonly string[], own: readonly string[] = ownNames()) {
    const names = configured.map((name) => name.toLowerCase())
    this.#names = new Set(['localhost', ...own.map((name) => name.toLowerCase()), ...names])
    this.#domains = names.flatMap((name) => (name.startsWith('*.') ? [name.slice(1)] : []))
    this.#isOpen = names.includes('*')
  }

  /** `host`: a name or an address, with or without a port. Null for HTTP/1.0, which may do without. */
  knows(host: string | null): boolean {
    if (this.#isOpen || host === null) return true
    const name = nameOf(host)
    // Last what has a pattern that is compiled to 160 kB.
    return this.#names.has(name) || this.#domains.some((domain) => name.endsWith(domain)) || isIP(name) !== 0
  }
}

function nameOf(host: string): string {
  const { bracketed, plain = '' } = /^(?:\[(?<bracketed>.*)\]|(?<plain>[^:]*))(?::\d*)?$/.exec(host)?.groups ?? {}
  return bracketed ?? plain.toLowerCase().replace(/\.$/, '')
}

/**
 * The names that this machine has by itself: its host name, what /etc/hosts calls the same machine, and the host name in the
 * domains that are searched for names without one. No name server is asked.
 */
export function ownNames(host = hostname(), hosts = '/etc/hosts', resolver = '/etc/resolv.conf'): readonly string[] {
  const aliases = linesOf(hosts).flatMap(([, ...names]) => (names.includes(host) ? names : []))
  const domains = linesOf(resolver).flatMap(([key = '', ...values]) => (/^(?:search|domain)$/.test(key) ? values : []))
  return [host, ...aliases, ...domains.map((domain) => `${host}.${domain.replace(/\.$/, '')}`)]
}

function linesOf(path: string): string[][] {
  try {
    const lines = readBounded(path, MOST_BYTES).bytes.toString('utf8').split('\n')
    return lines.map((line) =>
      line
        .replace(/[#;].*/, '')
        .trim()
        .split(/\s+/),
    )
  } catch {
    return []
  }
}
