import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { NEVER_WAITING } from '../io/bounded-file.ts'
import { reasonOf } from '../model/reason.ts'
import type { SealHead } from '../model/seal.ts'
import { DAY_MS } from '../model/time.ts'
import { replaceWhole } from './durable-file.ts'
import { SealError } from './seal-error.ts'
import { type Seal, sealOf, sha256 } from './seal-text.ts'
import { allowedSigner } from './ssh-signature.ts'

const PRINCIPAL = 'wattledger'
/** A FIFO in place of a seal is an empty file, and holds nothing up. */
const TEXT = { encoding: 'utf8', flag: NEVER_WAITING } as const
const SEAL = /^(\d{4}-\d{2}-\d{2})\.seal$/

export interface KeptSeal {
  readonly seal: Seal
  readonly sha256: string
}

/** The folder of seals in the state folder: per day the rows, the seal and its signature. */
export class SealFolder {
  readonly path: string

  constructor(state: string) {
    this.path = join(state, 'seals')
  }

  at(name: string): string {
    return join(this.path, name)
  }

  /** Days that have a seal, the oldest first; none before the first. @throws SealError SEAL_DISK */
  days(): readonly string[] {
    try {
      const names = readdirSync(this.path)
      return names.flatMap((name) => SEAL.exec(name)?.[1] ?? []).sort()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw this.#unreadable(cause)
    }
  }

  /** @throws SealError SEAL_DISK */
  text(name: string): string {
    try {
      return readFileSync(this.at(name), TEXT)
    } catch (cause) {
      throw this.#unreadable(cause)
    }
  }

  /** Null before the first. @throws SealError SEAL_BROKEN */
  newest(): KeptSeal | null {
    const day = this.days().at(-1)
    if (day === undefined) return null
    const text = this.text(`${day}.seal`)
    const seal = sealOf(text)
    if (seal?.day === day) return { seal, sha256: sha256(text) }
    const problem = `${this.at(`${day}.seal`)} is not a seal any more, so none can follow it`
    throw new SealError('SEAL_BROKEN', `${problem}: restore it from a copy; "wattledger verify" checks all of them`)
  }

  /** The seal of the last day that lies whole in a time; null without one. It holds all those before it. */
  headWithin(fromUnixMs: number, untilUnixMs: number): SealHead | null {
    const isWithin = (startUnixMs: number) => startUnixMs >= fromUnixMs && startUnixMs + DAY_MS <= untilUnixMs
    const day = this.days().findLast((one) => isWithin(Date.parse(one)))
    return day === undefined ? null : { day, sha256: sha256(this.text(`${day}.seal`)) }
  }

  /** Keys that signatures may be of, in base64. */
  signers(): ReadonlySet<string> {
    try {
      const lines = readFileSync(this.at('allowed_signers'), TEXT).split('\n')
      return new Set(lines.flatMap((line) => line.split(' ')[3] ?? []))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
      throw this.#unreadable(cause)
    }
  }

  /** A key that replaces another is added: what that one has signed stays signed. */
  allow(publicKey: string): void {
    const known = this.signers()
    if (known.has(publicKey)) return
    replaceWhole(this.at('allowed_signers'), [...known, publicKey].map((key) => allowedSigner(PRINCIPAL, key)).join(''))
  }

  /**
   * Nobody else seals until the result is called. The lock is SQLite's own, which the kernel drops with the process.
   * @throws SealError SEAL_BUSY or SEAL_DISK
   */
  lock(): () => void {
    let db: Database.Database | undefined
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o750 })
      const held = new Database(this.at('lock'), { timeout: 0 })
      db = held
      held.exec('BEGIN EXCLUSIVE')
      return () => held.close()
    } catch (cause) {
      db?.close()
      const isBusy = cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')
      if (isBusy) throw new SealError('SEAL_BUSY', `another process is writing ${this.path}: try again`, { cause })
      throw new SealError('SEAL_DISK', `${this.path} cannot be written: ${reasonOf(cause)}`, { cause })
    }
  }

  #unreadable(cause: unknown): SealError {
    const text = `${this.path} cannot be read: ${reasonOf(cause)}. It is readable for its owner and its group`
    return new SealError('SEAL_DISK', text, { cause })
  }
}
