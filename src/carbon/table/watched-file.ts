import { statSync } from 'node:fs'
import { readBounded, UnfitFile } from '../../io/bounded-file.ts'
import { atOnce, inSlices, type Sliced } from '../../io/slices.ts'
import type { Logger } from '../../model/logger.ts'
import { TableError } from './table-line.ts'

const LOOK_EVERY_MS = 10_000
/** Ten years of hours are 5 MB. */
const MAX_BYTES = 1 << 24

export interface WatchedFileOptions<Content> {
  readonly path: string
  /** What is in it, for people (`intensities`) and in the names of events (`intensity`). */
  readonly what: string
  readonly event: string
  /** Throws an Error for a bad file; its message goes behind the path and a colon. */
  readonly parse: (text: string) => Sliced<Content>
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

  /** Every bad place of the file as it is now: see Refreshed. */
  check(): readonly string[] {
    const { path, parse } = this.#options
    try {
      atOnce(parse(this.#read()))
      return []
    } catch (error) {
      return error instanceof TableError ? error.places.map((place) => `${path}:${place}`) : [problemOf(path, error)]
    }
  }

  /**
   * Reads the file if it has changed. A problem is logged once. The last good content stays in force until a new one is
   * read as a whole. See Refreshed.
   */
  async refresh(signal: AbortSignal): Promise<number> {
    const { path, what, event, parse, logger } = this.#options
    const before = this.#problem
    try {
      const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true })
      const version = `${ino} ${size} ${mtimeNs} ${ctimeNs}`
      if (version === this.#version) return LOOK_EVERY_MS
      this.#version = version
      this.#content = await inSlices(parse(this.#read()), signal)
      this.#revision += 1
      this.#problem = null
      logger.info({ event: `${event}_file_read`, path }, `${what} read from ${path}`)
    } catch (error) {
      // A stop or a failed read tells nothing about the content: the next look reads it again.
      if (signal.aborted || (error as NodeJS.ErrnoException).code !== undefined) this.#version = null
      if (signal.aborted) return LOOK_EVERY_MS
      this.#problem = problemOf(path, error)
      if (this.#problem === before) return LOOK_EVERY_MS
      logger.warn(
        { event: `${event}_file_refused`, path },
        `${this.#problem}: the file is refused, and the last good data stay in force`,
      )
    }
    return LOOK_EVERY_MS
  }

  #read(): string {
    return readBounded(this.#options.path, MAX_BYTES).bytes.toString('utf8')
  }
}

function problemOf(path: string, error: unknown): string {
  const { message } = error as Error
  if (error instanceof UnfitFile) return message
  return `${path}:${message.startsWith('ENOENT') ? ' there is no such file' : message}`
}
