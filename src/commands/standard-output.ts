import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Writes to standard output, which may be a file on a full disk. Whoever reads no further, as `head` does, has what it
 * wanted. @throws an Error with a code
 */
export async function pour(
  chunks: Iterable<string | Uint8Array>,
  stdout: NodeJS.WritableStream,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), stdout, { end: false, ...(signal && { signal }) })
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (code === 'EPIPE') return
    // The system's own: what fails to be read has other codes.
    if (!/^E[A-Z]+$/.test(code)) throw cause
    throw Object.assign(new Error(`cannot write to standard output: ${message}`, { cause }), { code })
  }
}
