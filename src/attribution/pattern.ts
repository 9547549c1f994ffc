import { character, matcher, PatternError, type Piece, repeated, sequence } from './automaton.ts'
import { ANY, pointOf, Reader } from './pattern-reader.ts'
import { RegexReader } from './regex-reader.ts'

export { PatternError }

/** Whether a text matches. */
export type Match = (text: string) => boolean

/**
 * A glob (`*`, `?`, `[a-z]`, `[!a-z]`, a backslash before a character that stands for itself), or between slashes a regular
 * expression as Prometheus takes them (RE2: no look-around and no back-references). Either has to match the whole of a text;
 * `.` and `*` stand for line breaks too. Throws a PatternError.
 */
export function patternOf(text: string): Match {
  const isRegex = text.length > 1 && text.startsWith('/') && text.endsWith('/')
  return matcher(isRegex ? new RegexReader(text.slice(1, -1)).all() : new GlobReader(text).all())
}

class GlobReader extends Reader {
  /** Of the whole. */
  all(): Piece {
    const pieces: Piece[] = []
    while (!this.isAtEnd) pieces.push(this.#piece())
    return sequence(pieces)
  }

  #piece(): Piece {
    const letter = this.take()
    if (letter === '*') return repeated(character(ANY), 0, null)
    if (letter === '?') return character(ANY)
    if (letter === '[') return character(this.set('!^'))
    const point = letter === '\\' ? this.escaped() : pointOf(letter)
    return character(typeof point === 'function' ? point : (other) => other === point)
  }
}
