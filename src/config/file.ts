import { readBounded, UnfitFile } from '../io/bounded-file.ts'
import { ConfigFault } from '../model/config-fault.ts'

/** 64 KiB, ten times the documented defaults. A larger file is a wrong file. */
const MAX_BYTES = 1 << 16

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'nothing: its path leads through something that is no folder',
  EACCES: 'nothing: permission denied',
  EPERM: 'nothing: permission denied',
  ELOOP: 'nothing: its symbolic links go round in circles',
}

const UNFIT: Readonly<Record<UnfitFile['reason'], string>> = {
  folder: 'a folder',
  irregular: 'something that is no regular file',
  large: `more than ${MAX_BYTES} bytes`,
}

/** The text of a configuration file; null when there is none. Throws a ConfigFault. */
export function readConfigFile(file: string): string | null {
  try {
    return decode(readBounded(file, MAX_BYTES).bytes)
  } catch (cause) {
    if (cause instanceof UnfitFile) throw unusable(file, UNFIT[cause.reason], cause)
    const { code = '', message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unusable(file, REASONS[code] ?? message, cause)
  }
}

export function missingFile(file: string): ConfigFault {
  return unusable(file, 'nothing: there is no such file')
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('bytes that are not UTF-8')
  }
}

function unusable(file: string, received: string, cause?: unknown): ConfigFault {
  return new ConfigFault(
    [{ key: '', text: `expected a configuration file, received ${received}`, place: { file, at: null } }],
    { cause },
  )
}
