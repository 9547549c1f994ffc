import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Logger } from '../model/logger.ts'
import { readNamed } from './bounded-file.ts'
import type { HttpSubmission } from './http.ts'
import { KeyFile } from './key-file.ts'

/** A bundle of all well-known authorities has 220 kB. */
const MOST_PEM_BYTES = 1 << 20

/** Who we are to a server: the keys of `serverAccess`. */
export interface AccessSettings {
  readonly user: string | null
  /** A bearer token, or the password of the user. */
  readonly key_file: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly header_files: Readonly<Record<string, string>>
  readonly tls: {
    readonly ca_file: string | null
    readonly cert_file: string | null
    readonly key_file: string | null
  }
}

type Credentials = Pick<HttpSubmission, 'headers' | 'tls'>
type Parse = (pem: Buffer) => unknown

const isCertificate: Parse = (pem) => new X509Certificate(pem)

/** Headers and certificates of the requests, read from their files anew for each: they are renewed while the program runs. */
export class CredentialFiles {
  readonly #settings: AccessSettings
  readonly #key: KeyFile
  readonly #headers: readonly (readonly [name: string, file: KeyFile])[]

  constructor(settings: AccessSettings, logger: Logger) {
    this.#settings = settings
    this.#key = new KeyFile(settings.key_file, logger)
    this.#headers = Object.entries(settings.header_files).map(([name, path]) => [name, new KeyFile(path, logger)])
  }

  /** Throws an Error that names the file. */
  read(): Credentials {
    const { headers, tls } = this.#settings
    const secret = this.#headers.map(([name, file]) => [name, file.read()] as const)
    return {
      headers: { ...headers, ...Object.fromEntries(secret), ...this.#authorization() },
      tls: {
        ...entry('ca', pemOf(tls.ca_file, isCertificate)),
        ...entry('cert', pemOf(tls.cert_file, isCertificate)),
        ...entry('key', pemOf(tls.key_file, createPrivateKey)),
      },
    }
  }

  #authorization(): Readonly<Record<string, string>> {
    const { user } = this.#settings
    const key = this.#key.read()
    if (key === '') return {}
    if (user === null) return { authorization: `Bearer ${key}` }
    return { authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}` }
  }
}

function entry<Name extends string>(name: Name, pem: Buffer | null): Partial<Record<Name, Buffer>> {
  return pem === null ? {} : ({ [name]: pem } as Record<Name, Buffer>)
}

/** Certificates in PEM. Throws an Error that names the file. */
export const readAuthorities = (path: string): Buffer => pemOf(path, isCertificate) ?? Buffer.alloc(0)

/** The content of a PEM file, if there is one to read. Nothing of it is in a message. */
function pemOf(path: string | null, parse: Parse): Buffer | null {
  if (path === null) return null
  const bytes = readNamed(path, MOST_PEM_BYTES)
  try {
    parse(bytes)
  } catch {
    throw new Error(
      `${path}: expected ${parse === isCertificate ? 'certificates' : 'a private key'} in PEM, not encrypted`,
    )
  }
  return bytes
}
