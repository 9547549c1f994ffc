import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'

const KEY = /^[\x21-\x7e]{1,1024}$/

export interface Key {
  readonly text: string
  /** True when users outside the file's group may read it. */
  readonly isOpen: boolean
}

/** A key is never in the configuration, a command line or a log. Throws an Error whose message names the file alone. */
export function readKey(path: string): Key {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Error(`${path}: the key cannot be read (${code})`, { cause })
  }
  try {
    const text = readFileSync(descriptor, 'utf8').trim()
    if (!KEY.test(text)) throw new Error(`${path}: expected a key on one line`)
    return { text, isOpen: (fstatSync(descriptor).mode & 0o004) !== 0 }
  } finally {
    closeSync(descriptor)
  }
}
