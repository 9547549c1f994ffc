import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../model/usage-error.ts'

/** What stands behind the option that names a file, and `--force`. */
export interface Target {
  readonly option: 'out' | 'json'
  readonly path: string
  readonly mayReplace: boolean
}

/** Null for standard output, which `-` is too. @throws UsageError */
export function targetOf(typed: Readonly<Record<string, unknown>>, option: Target['option'] = 'out'): Target | null {
  const { [option]: path, force } = typed
  if (path === '') throw new UsageError(`--${option}: expected a file`)
  if (typeof path === 'string' && path !== '-') return { option, path, mayReplace: force === true }
  if (force === true) throw new UsageError(`--force: expected --${option} FILE`)
  return null
}

/** A file that somebody asked for: it appears under its name once it is whole, and replaces nothing unasked. */
export class NewFile {
  readonly #typed: Target
  readonly #path: string
  readonly #mayReplace: boolean

  private constructor(typed: Target, path: string, mayReplace: boolean) {
    this.#typed = typed
    this.#path = path
    this.#mayReplace = mayReplace
  }

  /**
   * Looks before the work, which may take long. `state` is the agent's folder, whose books are replaced by nothing; null
   * where this user may not know it, and so not write there.
   * @throws UsageError, or an Error with a code where it is there and may not be replaced
   */
  static at(target: Target, state: string | null): NewFile {
    const { option, path, mayReplace } = target
    refuseBooks(target, path, state)
    if (!isThere(target)) return new NewFile(target, inWritableFolder(target, resolve(path)), mayReplace)
    // A link that leads nowhere is there, too. A device or a folder is not to be replaced by a file.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
      throw failure('EEXIST', `--${option}: ${path} is there and is no regular file: choose another name`)
    }
    if (!mayReplace) throw exists(target)
    const real = realpathSync(path)
    if (state !== null && existsSync(state)) refuseBooks(target, real, realpathSync(state))
    return new NewFile(target, inWritableFolder(target, real), true)
  }

  /** `fill` makes the file that it is given the name of. What fails leaves nothing. */
  async write(fill: (draft: string) => Promise<void>): Promise<void> {
    const draft = join(dirname(this.#path), `.${basename(this.#path)}.${process.pid}`)
    try {
      rmSync(draft, { force: true })
      await fill(draft)
      this.#place(draft)
    } catch (cause) {
      const { code = '' } = cause as NodeJS.ErrnoException
      if (code === 'ABORT_ERR' || code.startsWith('SQLITE')) throw cause
      if (code === 'EEXIST') throw exists(this.#typed)
      throw unwritable(this.#typed, cause)
    } finally {
      rmSync(draft, { force: true })
    }
  }

  /** @throws the error of the system, which is EEXIST for a file that has come meanwhile */
  #place(draft: string): void {
    if (this.#mayReplace) {
      renameSync(draft, this.#path)
      return
    }
    try {
      linkSync(draft, this.#path)
    } catch (cause) {
      // Not every file system has links.
      if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
      copyWhole(draft, this.#path)
    }
  }
}

/** Not at once, but all or nothing. */
function copyWhole(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(to, { force: true })
    throw cause
  }
}

/** @throws an Error with a code where its folder is none, or may not be searched */
function isThere(target: Target): boolean {
  try {
    return lstatSync(target.path, { throwIfNoEntry: false }) !== undefined
  } catch (cause) {
    throw unwritable(target, cause)
  }
}

/** The path again. @throws an Error with a code where its folder is none, or takes no file */
function inWritableFolder(target: Target, path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
    return path
  } catch (cause) {
    throw unwritable(target, cause)
  }
}

/** The ledger with what SQLite keeps beside it, and the seals. */
function refuseBooks({ option }: Target, path: string, state: string | null): void {
  if (state === null) return
  const at = resolve(path)
  const isBook = at.startsWith(resolve(state, 'ledger.db')) || at.startsWith(resolve(state, 'seals/'))
  if (isBook) throw new UsageError(`--${option}: ${path} is of the ledger: choose another name`)
}

function exists({ option, path }: Target): Error {
  return failure('EEXIST', `--${option}: ${path} is there already: choose another name, or overwrite it with --force`)
}

function unwritable({ option, path }: Target, cause: unknown): Error {
  const { code = '', message } = cause as NodeJS.ErrnoException
  // What the system was asked, and of which draft, is none of the reader's business.
  const why = code === 'ENOENT' ? `there is no folder ${dirname(resolve(path))}` : message.replace(/, \w+ '.*$/, '')
  return failure(code, `--${option}: cannot write ${path}: ${why}`, cause)
}

function failure(code: string, text: string, cause?: unknown): Error {
  return Object.assign(new Error(text, { cause }), { code })
}
