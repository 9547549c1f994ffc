import { ConfigFault } from '../model/config-fault.ts'
import { readBounded, UnfitFile } from './bounded-file.ts'

/** A file that a person writes. */
export interface DocumentKind {
  /** For messages: `a configuration file`. */
  readonly what: string
  readonly maxBytes: number
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'nothing: its path leads through something that is no folder',
  EACCES: 'nothing: permission denied',
  EPERM: 'nothing: permission denied',
  ELOOP: 'nothing: its symbolic links go round in circles',
}

const UNFIT: Readonly<Record<UnfitFile['reason'], (maxBytes: number) => string>> = {
  folder: () => 'a folder',
  irregular: () => 'something that is no regular file',
  large: (maxBytes) => `more than ${maxBytes} bytes`,
}

/** The text of a file; null when there is none. Throws a ConfigFault. */
export function readDocument(file: string, kind: DocumentKind): string | null {
  try {
    return decode(readBounded(file, kind.maxBytes).bytes)
  } catch (cause) {
    if (cause instanceof UnfitFile) throw unusable(file, kind, UNFIT[cause.reason](kind.maxBytes), cause)
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unusable(file, kind, REASONS[code] ?? message, cause)
  }
}

export function missingDocument(file: string, kind: DocumentKind): ConfigFault {
  return unusable(file, kind, 'nothing: there is no such file')
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('bytes that are not UTF-8')
  }
}

function unusable(file: string, { what }: DocumentKind, received: string, cause?: unknown): ConfigFault {
  return new ConfigFault([{ key: '', text: `expected ${what}, received ${received}`, place: { file, at: null } }], {
    cause,
  })
}
