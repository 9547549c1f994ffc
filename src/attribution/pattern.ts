import { createRequire } from 'node:module'
import type * as Re2 from 're2js'
import { reasonOf } from '../model/reason.ts'

/** What is no pattern, in one clause. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** Whether a text matches. */
export type Match = (text: string) => boolean

const require = createRequire(import.meta.url)

/**
 * A glob (`*`, `?`, `[a-z]`, `[!a-z]`, a backslash before a character that stands for itself), or between slashes a regular
 * expression as Prometheus takes them (RE2: no look-around and no back-references). Either has to match the whole of a text;
 * `.` and `*` stand for line breaks too. The time to match is the product of both lengths. Throws a PatternError.
 */
export function patternOf(text: string): Match {
  const isRegex = text.length > 1 && text.startsWith('/') && text.endsWith('/')
  // Three megabytes that a machine without tenants need not load.
  const { RE2JS } = require('re2js') as typeof Re2
  try {
    const pattern = RE2JS.compile(isRegex ? text.slice(1, -1) : regexOf(text), RE2JS.DOTALL)
    return (name) => pattern.matches(name)
  } catch (error) {
    throw new PatternError(problemOf(error))
  }
}

/** A glob as a regular expression. */
function regexOf(glob: string): string {
  return glob.replace(/\\(.)|\*|\?|\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]|./gsu, (part, escaped, negation, members) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (escaped !== undefined) return literally(escaped)
    if (part === '[') throw new Error(`missing closing ]: \`${glob}\``)
    if (members === undefined) return literally(part)
    const inside = members.replace(/\\(.)|[[\]]/gsu, (one: string, kept = one) => literally(kept))
    return `[${negation === '' ? '' : '^'}${inside}]`
  })
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&')
}

/** RE2 says `error parsing regexp: missing closing ): ...`, with the flag in front of what was written. */
function problemOf(error: unknown): string {
  return reasonOf(error)
    .replace(/^error parsing regexp: /, '')
    .replace('`(?s)', '`')
}
