import { join } from 'node:path'
import { loadConfig } from '../config/loader.ts'
import { type Verdict, verifySeals } from '../seal/verify.ts'
import { EX_CHANGED, EX_OK } from './exit-codes.ts'
import { answer, type Context, type Output } from './run.ts'

export interface VerifyContext extends Pick<Context, 'file' | 'json' | 'env'> {
  readonly stdout: Output
}

/** More would hide the first in a terminal; the number of all is told. */
const MOST_NAMED = 100

/** Compares the seals and the ledger with what was sealed, and names day and row of what differs. 5: something does. */
export async function verify(context: VerifyContext): Promise<number> {
  const { state } = loadConfig(context.file, context.env).paths
  const verdict = await verifySeals({ state, ledger: join(state, 'ledger.db'), mostNamed: MOST_NAMED })
  answer(context, verdict, textOf)
  return verdict.changeCount === 0 ? EX_OK : EX_CHANGED
}

function textOf({ seals, rows, first, head, ofFormerLedgers, unsealed, changes, changeCount }: Verdict): string {
  if (head === null) return 'There are no seals yet: the agent makes the first after midnight UTC.\n'
  const lines = changes.map(({ day, what }) => `${day}: ${shown(what)}`)
  if (changeCount > changes.length) lines.push(`and ${changeCount - changes.length} more`)
  const scope = `${seals} ${seals === 1 ? 'seal' : 'seals'} from ${first} to ${head.day} with ${rows} rows`
  lines.push(
    changeCount === 0 ? `${scope}: nothing was changed.` : `${scope}: ${changeCount} changed after it was sealed.`,
  )
  if (ofFormerLedgers > 0) {
    lines.push(`The rows of ${ofFormerLedgers} are of a ledger that was replaced since, and were not compared.`)
  }
  if (unsealed > 0) {
    lines.push(`Of ${unsealed} hours and days the agent has booked more since, which the next seal holds.`)
  }
  lines.push(`The newest is ${head.sha256}: compare it with what was kept elsewhere.`)
  return `${lines.join('\n')}\n`
}

/** Names of consumers hold any character: what a terminal would obey is shown as what it is. */
function shown(text: string): string {
  return text.replaceAll(/\p{C}/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`)
}
