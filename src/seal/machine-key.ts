import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { closeSync, constants, fstatSync, linkSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { NEVER_WAITING } from '../io/bounded-file.ts'
import { writeWhole } from './durable-file.ts'
import { SealError } from './seal-error.ts'

const NAME = 'seal.key'

/**
 * The key that seals of this machine are signed with, in PKCS #8; made at the first use, once, however many ask then.
 * @throws SealError SEAL_KEY where others than its owner may read it, or it is no key of ours.
 */
export function machineKey(state: string): KeyObject {
  const path = join(state, NAME)
  return read(path) ?? make(path)
}

function make(path: string): KeyObject {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' })
  const draft = `${path}.${process.pid}`
  try {
    writeWhole(draft, pem, 0o600)
    linkSync(draft, path)
  } catch (cause) {
    // Another process was faster: its key is the machine's.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, 'cannot be made', cause)
  } finally {
    rmSync(draft, { force: true })
  }
  const key = read(path)
  if (key === null) throw unusable(path, 'vanished while it was made')
  return key
}

/** Null where there is none. */
function read(path: string): KeyObject | null {
  let file: number
  try {
    file = openSync(path, NEVER_WAITING | constants.O_NOFOLLOW)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unusable(path, 'cannot be read', cause)
  }
  try {
    const { mode } = fstatSync(file)
    if ((mode & 0o077) !== 0) {
      const problem = `the key ${path} may be read by others than its owner, so its seals would prove nothing`
      throw new SealError('SEAL_KEY', `${problem}: chmod 0600 ${path}`)
    }
    const key = createPrivateKey(readFileSync(file))
    if (key.asymmetricKeyType !== 'ed25519') throw unusable(path, 'is not an Ed25519 key')
    return key
  } catch (cause) {
    if (cause instanceof SealError) throw cause
    throw unusable(path, 'is not a private key in PEM', cause)
  } finally {
    closeSync(file)
  }
}

function unusable(path: string, problem: string, cause?: unknown): SealError {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException
  const text = `the key ${path} ${problem}${code === undefined ? '' : ` (${code})`}`
  return new SealError('SEAL_KEY', `${text}: run this as the user that the agent runs as, or restore the file`, {
    cause,
  })
}
