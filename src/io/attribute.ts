import { type FileHandle, open } from 'node:fs/promises'
import { NEVER_WAITING, requireRegular } from './bounded-file.ts'

/** The kernel makes an attribute of sysfs in one page (sysfs_emit()), which is 64 KiB on some machines. */
const MOST_BYTES = 1 << 16
/** Longer than any driver takes that is not stuck. */
const PATIENCE_MS = 1_000

const underWay = new Map<string, Promise<string>>()

/**
 * Text of an attribute of sysfs, trimmed. Rejects with an UnfitFile, with what open(2) and read(2) give, and with ETIMEDOUT
 * when the driver does not answer within `patienceMs`. A read that hangs is waited for again, and not begun again, so that
 * one attribute never holds more than one thread of the pool.
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
  const file = await open(path, NEVER_WAITING)
  await file.close()
}

function begin(path: string): Promise<string> {
  const reading = read(path).finally(() => underWay.delete(path))
  underWay.set(path, reading)
  // Nobody may be waiting any more when it fails.
  reading.catch(() => {})
  return reading
}

async function read(path: string): Promise<string> {
  const file: FileHandle = await open(path, NEVER_WAITING)
  try {
    requireRegular(path, await file.stat(), Number.POSITIVE_INFINITY)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(MOST_BYTES), 0, MOST_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead).trim()
  } finally {
    await file.close()
  }
}

function timeout(path: string, patienceMs: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path}: no answer within ${patienceMs} ms`), { code: 'ETIMEDOUT' })
}
