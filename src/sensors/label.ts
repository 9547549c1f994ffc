import { readAttribute } from '../native/attribute.ts'

/** The OCC answers a label with the error of the poll that it makes first (occ_update_response()). */
const PASSING: readonly unknown[] = ['EAGAIN', 'EBUSY', 'EIO', 'ETIMEDOUT']

/**
 * Text of an attribute that names a channel; empty where there is none. Rejects when it cannot be read for now: a channel
 * must not go by another name because its label came late, as it does on a machine with more work than processors.
 */
export async function readLabel(path: string): Promise<string> {
  try {
    return await readAttribute(path)
  } catch (error) {
    if (PASSING.includes((error as NodeJS.ErrnoException).code)) throw error
    return ''
  }
}
