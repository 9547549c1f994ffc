import { close, open } from 'node:fs'
import { getSystemErrorMessage, getSystemErrorName, promisify } from 'node:util'
import { NEVER_WAITING, UnfitFile } from '../io/bounded-file.ts'
import { type NativePoller, native } from './addon.ts'

/** Longer than any driver takes that is not stuck. */
const PATIENCE_MS = 1_000
/** Nothing is left to read a second time. */
const INTERVAL_NS = 86_400_000_000_000n

const underWay = new Map<string, Promise<string>>()

/**
 * Text of an attribute of sysfs, trimmed. Rejects with an UnfitFile, with what open(2) and pread(2) give, and with ETIMEDOUT
 * when the driver does not answer within `patienceMs`. It is read on a thread of its own, since one that hangs in libuv's
 * pool is missing there for ever. A read that hangs is waited for again, and not begun again.
 */
export async function readAttribute(path: string, patienceMs = PATIENCE_MS): Promise<string> {
  const reading = underWay.get(path) ?? begin(path)
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(timeout(path, patienceMs)), patienceMs)
  try {
    return await Promise.race([reading, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether an attribute could be read, without calling its driver: rejects with what open(2) gives. */
export async function openAttribute(path: string): Promise<void> {
  await promisify(close)(await promisify(open)(path, NEVER_WAITING))
}

function begin(path: string): Promise<string> {
  const reading = onOwnThread(path).finally(() => underWay.delete(path))
  underWay.set(path, reading)
  // Nobody may be waiting any more when it fails.
  reading.catch(() => {})
  return reading
}

function onOwnThread(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      const { phase, message } = poller.state()
      if (phase === 'opening') return
      if (phase === 'failed') reject(new Error(message))
      else textOf(path, poller, resolve, reject)
      poller.stop(0n)
    }
    const poller = new native.Poller({ type: 'texts', paths: [path], intervalNs: INTERVAL_NS, capacity: 1 }, settle)
    poller.start()
    // Without a thread there is nobody to call back.
    settle()
  })
}

function textOf(path: string, poller: NativePoller, resolve: (text: string) => void, reject: (cause: Error) => void) {
  const { text, errno } = poller.channels()[0]?.attributes ?? {}
  if (text !== undefined) resolve(text.trim())
  else reject(failure(path, -Number(errno)))
}

function failure(path: string, errno: number): Error {
  const code = getSystemErrorName(errno)
  // What cannot be read at a position is a FIFO, a socket or a terminal.
  if (code === 'ESPIPE') return new UnfitFile(path, 'irregular', 0)
  return Object.assign(new Error(`${code}: ${getSystemErrorMessage(errno)}, read '${path}'`), { code })
}

function timeout(path: string, patienceMs: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path}: no answer within ${patienceMs} ms`), { code: 'ETIMEDOUT' })
}
