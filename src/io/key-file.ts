import type { Logger } from '../model/logger.ts'
import { keepSecret } from '../model/secrets.ts'
import { type BoundedFile, readBounded, UnfitFile } from './bounded-file.ts'

const KEY = /^[\x21-\x7e]{1,1024}$/
/** A key and the white space around it. */
const MOST_BYTES = 4_096

export interface Key {
  readonly text: string
  /** True when users outside the file's group may read it. */
  readonly isOpen: boolean
}

/** A key is never in the configuration, a command line or a log. Throws an Error whose message names the file alone. */
export function readKey(path: string): Key {
  let file: BoundedFile
  try {
    file = readBounded(path, MOST_BYTES)
  } catch (cause) {
    if (cause instanceof UnfitFile) throw new Error(cause.message, { cause })
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(`${path}: the key cannot be read (${code})`, { cause })
  }
  const text = file.bytes.toString('utf8').trim()
  if (!KEY.test(text)) throw new Error(`${path}: expected a key on one line`)
  return { text, isOpen: (file.stats.mode & 0o004) !== 0 }
}

/** The key of a source, which may need none. Warns once if every user may read it. */
export class KeyFile {
  readonly #path: string | null
  readonly #logger: Logger
  #wasOpen = false

  constructor(path: string | null, logger: Logger) {
    this.#path = path
    this.#logger = logger
  }

  /** The problem with the file, if there is one. */
  check(): readonly string[] {
    try {
      this.read()
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  }

  /** The key; empty where none is needed. Throws as `readKey`. */
  read(): string {
    const path = this.#path
    if (path === null) return ''
    const { text, isOpen } = readKey(path)
    keepSecret(text)
    if (isOpen && !this.#wasOpen) {
      this.#logger.warn({ event: 'key_file_open', path }, `every user may read the key in it: chmod 0640 ${path}`)
    }
    this.#wasOpen = isOpen
    return text
  }
}
