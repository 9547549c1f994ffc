import { statSync } from 'node:fs'
import { readBounded, UnfitFile } from '../io/bounded-file.ts'
import type { Logger } from '../model/logger.ts'

const LOOK_EVERY_MS = 10_000
/** Ten years of hours are 5 MB. */
const MAX_BYTES = 1 << 24

export interface WatchedFileOptions<Content> {
  readonly path: string
  /** What is in it, for people (`intensities`) and in the names of events (`intensity`). */
  readonly what: string
  readonly event: string
  /** Throws an Error for a bad file; its message goes behind the path and a colon. */
  readonly parse: (text: string) => Content
  readonly logger: Logger
}

/** A file that the operator keeps. Read again when it changes; a bad one is refused as a whole. */
export class WatchedFile<Content> {
  readonly #options: WatchedFileOptions<Content>
  #content: Content | null = null
  #version: string | null = null
  #problem: string | null = null
  #revision = 0

  constructor(options: WatchedFileOptions<Content>) {
    this.#options = options
  }

  /** The last good data; null before the first. */
  get content(): Content | null {
    return this.#content
  }

  get problem(): string | null {
    return this.#problem
  }

  /** Grows with each good file that was read. */
  get revision(): number {
    return this.#revision
  }

  /** Reads the file if it is not the one that was read last. What is wrong is logged once, and what was good stays. */
  reload(): void {
    const { path, what, event, parse, logger } = this.#options
    const before = this.#problem
    try {
      const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
      const version = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
      if (version === this.#version) return
      this.#version = version
      this.#content = parse(readBounded(path, MAX_BYTES).bytes.toString('utf8'))
      this.#revision += 1
      this.#problem = null
      logger.info({ event: `${event}_file_read`, path }, `${what} read from ${path}`)
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code !== undefined) this.#version = null
      this.#problem =
        cause instanceof UnfitFile ? message : `${path}:${code === 'ENOENT' ? ' there is no such file' : message}`
      if (this.#problem === before) return
      logger.warn(
        { event: `${event}_file_refused`, path },
        `${this.#problem}: the file is refused, the last good data stay in force`,
      )
    }
  }

  /** As a source's own. */
  check(): string | null {
    this.reload()
    return this.#problem
  }

  /** As a source's own. */
  async refresh(): Promise<number> {
    this.reload()
    return LOOK_EVERY_MS
  }
}
