/** A state of an automaton: takes one character, or lets through where it stands. */
interface State {
  /** Code points that it takes; null for one that takes none. */
  readonly takes: ((point: number) => boolean) | null
  /** Where alone it lets through. */
  readonly only: 'start' | 'end' | null
  readonly next: State[]
}

/** A piece of a pattern: builds its states in front of `next`, and returns the first. */
export type Piece = (next: State, states: States) => State

const MOST_STATES = 1_000

/** Counts the states of one pattern. */
class States {
  #count = 0

  /** Throws a PatternError for a pattern that is too large. */
  add(state: Partial<State>): State {
    if (++this.#count > MOST_STATES)
      throw new PatternError('it stands for more than 1000 characters with its repetitions')
    return { takes: null, only: null, next: [], ...state }
  }
}

/** What is wrong with a pattern, as a clause. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

export function character(takes: (point: number) => boolean): Piece {
  return (next, states) => states.add({ takes, next: [next] })
}

export function edge(only: 'start' | 'end'): Piece {
  return (next, states) => states.add({ only, next: [next] })
}

/** An empty one is a state too, so that no number of repetitions is free. */
export function sequence(pieces: readonly Piece[]): Piece {
  if (pieces.length === 0) return (next, states) => states.add({ next: [next] })
  return (next, states) => pieces.reduceRight((first, piece) => piece(first, states), next)
}

export function either(pieces: readonly Piece[]): Piece {
  return (next, states) => states.add({ next: pieces.map((piece) => piece(next, states)) })
}

/** @param most null for any number */
export function repeated(piece: Piece, least: number, most: number | null): Piece {
  const required = Array.from({ length: least }, () => piece)
  if (most === null) return sequence([...required, anyNumber(piece)])
  return sequence([...required, ...Array.from({ length: most - least }, () => either([piece, sequence([])]))])
}

function anyNumber(piece: Piece): Piece {
  return (next, states) => {
    const again = states.add({ next: [next] })
    again.next.push(piece(again, states))
    return again
  }
}

/**
 * Whether a piece is the whole of a text. All ways to match are followed at once, so that the time is the product of the
 * two lengths at most, whatever the pattern (Thompson, 1968).
 */
export function matcher(piece: Piece): (text: string) => boolean {
  const end: State = { takes: null, only: null, next: [] }
  const start = piece(end, new States())
  return (text) => {
    let reached = new Set([start])
    let isStart = true
    for (const letter of text) {
      pass(reached, isStart, false)
      isStart = false
      const point = letter.codePointAt(0) ?? 0
      const after = new Set<State>()
      for (const { takes, next } of reached) if (takes?.(point)) for (const state of next) after.add(state)
      if (after.size === 0) return false
      reached = after
    }
    pass(reached, isStart, true)
    return reached.has(end)
  }
}

/** Adds what can be reached without a character. A set that grows is gone through to its end. */
function pass(reached: Set<State>, isStart: boolean, isEnd: boolean): void {
  for (const { takes, only, next } of reached) {
    if (takes !== null || (only === 'start' && !isStart) || (only === 'end' && !isEnd)) continue
    for (const state of next) reached.add(state)
  }
}
