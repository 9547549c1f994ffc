import { linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A file that somebody asked for: it appears under its name once it is whole, and replaces nothing unasked. */
export class NewFile {
  readonly #path: string
  readonly #mayReplace: boolean

  private constructor(path: string, mayReplace: boolean) {
    this.#path = path
    this.#mayReplace = mayReplace
  }

  /** @throws an Error with a code where it exists and may not be replaced, or is none. */
  static at(path: string, mayReplace: boolean): NewFile {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return new NewFile(path, mayReplace)
    if (!stats.isFile()) throw failure('EEXIST', `${path} is not a file, so nothing was written`)
    if (!mayReplace)
      throw failure('EEXIST', `${path} exists, so nothing was written: name another file, or add --force`)
    return new NewFile(realpathSync(path), true)
  }

  /** `fill` makes the file that it is given the name of. What fails leaves nothing. */
  async write(fill: (draft: string) => Promise<void>): Promise<void> {
    const draft = join(dirname(this.#path), `.${basename(this.#path)}.${process.pid}`)
    try {
      rmSync(draft, { force: true })
      await fill(draft)
      if (this.#mayReplace) renameSync(draft, this.#path)
      else linkSync(draft, this.#path)
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException
      if (code === 'ABORT_ERR' || code.startsWith('SQLITE')) throw cause
      throw failure(code, `${this.#path} cannot be written: ${message}`, cause)
    } finally {
      rmSync(draft, { force: true })
    }
  }
}

function failure(code: string, text: string, cause?: unknown): Error {
  return Object.assign(new Error(text, { cause }), { code })
}
