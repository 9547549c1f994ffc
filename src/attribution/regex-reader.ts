import { character, edge, either, type Piece, repeated, sequence } from './automaton.ts'
import { ANY, not, pointOf, Reader, type Takes } from './pattern-reader.ts'

const DIGIT = within('09')
const WORD = within('09AZ__az')
const SPACE = within('\t\n\f\r  ')
const CLASSES: Readonly<Record<string, Takes>> = {
  d: DIGIT,
  D: not(DIGIT),
  w: WORD,
  W: not(WORD),
  s: SPACE,
  S: not(SPACE),
}
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07' }
/** RE2 allows a thousand. */
const MOST_REPEATS = 1_000

/** By pairs of the first and the last character. */
function within(pairs: string): Takes {
  const points = Array.from(pairs, pointOf)
  return (point) =>
    points.some((first, index) => index % 2 === 0 && first <= point && point <= (points[index + 1] ?? 0))
}

/** Reads a regular expression. */
export class RegexReader extends Reader {
  /** Of the whole. */
  all(): Piece {
    const piece = this.#choice()
    if (!this.isAtEnd) throw this.wrong('a group that nothing opened is closed')
    return piece
  }

  #choice(): Piece {
    const branches: Piece[] = []
    do {
      const pieces: Piece[] = []
      while (!this.isAtEnd && this.peek() !== '|' && this.peek() !== ')') pieces.push(this.#repeated(this.#atom()))
      branches.push(sequence(pieces))
    } while (this.takes('|'))
    return branches.length === 1 ? (branches[0] ?? sequence([])) : either(branches)
  }

  #atom(): Piece {
    const letter = this.take()
    switch (letter) {
      case '(':
        return this.#group()
      case '[':
        return character(this.set('^'))
      case '.':
        return character(ANY)
      case '^':
        return edge('start')
      case '$':
        return edge('end')
      case '*':
      case '+':
      case '?':
        throw this.wrong(`nothing is before the ${letter}`, this.at - 1)
    }
    const point = letter === '\\' ? this.escaped() : pointOf(letter)
    return character(typeof point === 'function' ? point : (other) => other === point)
  }

  #group(): Piece {
    const began = this.at - 1
    if (this.peek() === '?' && !this.takes('?:')) throw this.wrong('a group of a kind that is not taken begins', began)
    const piece = this.#choice()
    if (!this.takes(')')) throw this.wrong('a group that is not closed begins', began)
    return piece
  }

  #repeated(piece: Piece): Piece {
    const began = this.at
    const bounds = this.#bounds()
    if (bounds === null) return piece
    const [least, most] = bounds
    if (least > MOST_REPEATS || (most !== null && (most < least || most > MOST_REPEATS))) {
      throw this.wrong('a repetition that cannot be stands', began)
    }
    // Which match is preferred makes no difference to whether there is one.
    this.takes('?')
    const again = this.at
    if (this.#bounds() !== null) throw this.wrong('a repetition is repeated', again)
    return repeated(piece, least, most)
  }

  #bounds(): readonly [number, number | null] | null {
    if (this.takes('*')) return [0, null]
    if (this.takes('+')) return [1, null]
    if (this.takes('?')) return [0, 1]
    if (this.peek() !== '{') return null
    let text = ''
    while (this.peek(text.length + 1).match(/^[\d,]$/)) text += this.peek(text.length + 1)
    // As in RE2, a brace that holds no count stands for itself.
    const [, least, comma, most] = /^(\d+)(?:(,)(\d*))?$/.exec(text) ?? []
    if (least === undefined || this.peek(text.length + 1) !== '}') return null
    this.at += text.length + 2
    if (comma === undefined) return [Number(least), Number(least)]
    return [Number(least), most === '' ? null : Number(most)]
  }

  protected override escaped(): number | Takes {
    const began = this.at - 1
    const letter = this.peek()
    const known = CLASSES[letter] ?? (CONTROLS[letter] === undefined ? undefined : pointOf(CONTROLS[letter]))
    if (known !== undefined) {
      this.at++
      return known
    }
    if (this.takes('x')) return this.#hexadecimal(began)
    if (/^[A-Za-z0-9]$/.test(letter)) throw this.wrong(`\\${letter}, which is not taken, stands`, began)
    return super.escaped()
  }

  #hexadecimal(began: number): number {
    let digits = ''
    if (this.takes('{')) {
      while (/^[0-9a-f]$/i.test(this.peek())) digits += this.take()
      if (!this.takes('}')) digits = ''
    } else if (/^[0-9a-f]$/i.test(this.peek(1))) {
      digits = this.take() + this.take()
    }
    const point = /^[0-9a-f]{1,6}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.POSITIVE_INFINITY
    if (point > 0x10ffff) throw this.wrong('\\x without a character stands', began)
    return point
  }
}
