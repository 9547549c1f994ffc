import { PatternError } from './automaton.ts'

/** Whether a pattern takes a character, by its code point. */
export type Takes = (point: number) => boolean

export const ANY: Takes = () => true

export function not(takes: Takes): Takes {
  return (point) => !takes(point)
}

export function pointOf(letter: string): number {
  return letter.codePointAt(0) ?? 0
}

/** Reads a pattern character by character. */
export class Reader {
  readonly #letters: readonly string[]
  protected at = 0

  constructor(text: string) {
    this.#letters = Array.from(text)
  }

  protected get isAtEnd(): boolean {
    return this.at >= this.#letters.length
  }

  protected peek(ahead = 0): string {
    return this.#letters[this.at + ahead] ?? ''
  }

  protected take(): string {
    const letter = this.peek()
    this.at++
    return letter
  }

  /** Whether the text goes on with `what`, which is then behind. */
  protected takes(what: string): boolean {
    if (Array.from(what).some((letter, index) => this.peek(index) !== letter)) return false
    this.at += what.length
    return true
  }

  protected wrong(problem: string, at = this.at): PatternError {
    return new PatternError(`${problem} at character ${at + 1}`)
  }

  /** What stands behind a bracket. `negations` are what may turn it around. */
  protected set(negations: string): Takes {
    const began = this.at - 1
    const isNegated = this.peek() !== '' && negations.includes(this.peek())
    if (isNegated) this.at++
    const members: Takes[] = []
    // A bracket that comes first stands for itself.
    while (this.peek() !== ']' || members.length === 0) {
      if (this.isAtEnd) throw this.wrong('a set that is not closed begins', began)
      members.push(this.#member())
    }
    this.at++
    const takes: Takes = (point) => members.some((member) => member(point))
    return isNegated ? not(takes) : takes
  }

  #member(): Takes {
    if (this.peek() === '[' && this.peek(1) === ':')
      throw this.wrong('a set has the name of a class, which is not taken,')
    const began = this.at
    const first = this.member()
    if (typeof first === 'function') return first
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === '') return (point) => point === first
    this.at++
    const last = this.member()
    if (typeof last === 'function' || last < first) throw this.wrong('a range of a set runs backwards', began)
    return (point) => first <= point && point <= last
  }

  /** One character of a set, or a class. */
  protected member(): number | Takes {
    const letter = this.take()
    return letter === '\\' ? this.escaped() : pointOf(letter)
  }

  /** What a backslash stands before. */
  protected escaped(): number | Takes {
    if (this.isAtEnd) throw this.wrong('nothing follows the backslash', this.at - 1)
    return pointOf(this.take())
  }
}
