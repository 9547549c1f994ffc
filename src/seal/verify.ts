import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openReadOnly } from '../ledger/read-only.ts'
import type { SealHead } from '../model/seal.ts'
import { SealFolder } from './seal-folder.ts'
import { rowsNameOf, type Seal, sealOf, sha256 } from './seal-text.ts'
import { fileSha256, UnreadableRows } from './sealed-file.ts'
import { SealedLedger } from './sealed-ledger.ts'
import { signerOf } from './ssh-signature.ts'
import { RowCheck } from './verify-rows.ts'

/** What is not as it was sealed. */
export interface Change {
  /** Of the seal that says so. */
  readonly day: string
  readonly what: string
}

export interface Verdict {
  readonly seals: number
  readonly rows: number
  readonly first: string | null
  readonly head: SealHead | null
  /** Seals of a ledger that was replaced since, whose rows cannot be compared. */
  readonly ofFormerLedgers: number
  /** Hours and days that the agent has written again since the last seal; the next one holds them. */
  readonly unsealed: number
  /** The first of them. */
  readonly changes: readonly Change[]
  readonly changeCount: number
}

export interface Verifying {
  /** The state folder. */
  readonly state: string
  /** Where the ledger stands. */
  readonly ledger: string
  /** How many changes are named. */
  readonly mostNamed: number
}

/**
 * Checks the chain of seals, their signatures and their files, and compares what they hold with the ledger.
 * @throws SealError, StoreError.
 */
export async function verifySeals({ state, ledger, mostNamed }: Verifying): Promise<Verdict> {
  const folder = new SealFolder(state)
  const changes: Change[] = []
  let changeCount = 0
  const name = (day: string, what: string) => {
    changeCount++
    if (changes.length < mostNamed) changes.push({ day, what })
  }
  const { seals, head } = checkChain(folder, name)
  const db = openReadOnly(ledger)
  try {
    const books = new SealedLedger(db, ledger)
    db.exec('BEGIN')
    const own = seals.filter((seal) => seal.ledger === books.identity())
    const newest = own.at(-1)
    const check = newest === undefined ? null : new RowCheck(db, books, newest)
    for (const seal of seals.toReversed()) {
      const path = folder.at(rowsNameOf(seal.day))
      if (!(await isUnchanged(path, seal))) {
        name(seal.day, existsSync(path) ? `${path} was changed` : `${path} is gone`)
      } else if (check !== null && own.includes(seal)) {
        try {
          for await (const what of check.differences(seal, path)) name(seal.day, what)
        } catch (cause) {
          if (!(cause instanceof UnreadableRows)) throw cause
          name(seal.day, cause.message)
        }
      }
    }
    return {
      seals: seals.length,
      rows: seals.reduce((sum, { rows }) => sum + rows, 0),
      first: seals[0]?.day ?? null,
      head,
      ofFormerLedgers: seals.length - own.length,
      unsealed: check?.unsealed ?? 0,
      changes,
      changeCount,
    }
  } finally {
    db.close()
  }
}

/** The seals that can be read, the oldest first. */
function checkChain(folder: SealFolder, name: (day: string, what: string) => void) {
  const signers = folder.signers()
  const seals: Seal[] = []
  let head: SealHead | null = null
  for (const day of folder.days()) {
    const path = folder.at(`${day}.seal`)
    const text = folder.text(`${day}.seal`)
    const seal = sealOf(text)
    if (seal === null || seal.day !== day) {
      name(day, `${path} is not the seal of that day`)
    } else {
      if (seal.previous !== (head?.sha256 ?? null)) {
        const before = head === null ? 'it is not the first' : `the one before it was ${head.day}`
        name(
          day,
          `${path} does not follow: ${head === null ? before : `${before}, which was changed, or one is missing`}`,
        )
      }
      seals.push(seal)
    }
    if (!isSigned(folder, day, text, signers))
      name(day, `${path} is not signed by a key in ${folder.at('allowed_signers')}`)
    head = { day, sha256: sha256(text) }
  }
  return { seals, head }
}

function isSigned(folder: SealFolder, day: string, text: string, signers: ReadonlySet<string>): boolean {
  if (!existsSync(join(folder.path, `${day}.seal.sig`))) return false
  const signer = signerOf(text, folder.text(`${day}.seal.sig`))
  return signer !== null && signers.has(signer)
}

async function isUnchanged(path: string, seal: Seal): Promise<boolean> {
  try {
    return (await fileSha256(path)) === seal.rowsSha256
  } catch {
    return false
  }
}
