const MOST_NAMED = 3

/** ` (did you mean DE or FR?)`, to stand behind what was received; empty where nothing was meant. */
export function didYouMean(names: readonly (string | null)[]): string {
  const meant = names.filter((name) => name !== null)
  return meant.length === 0 ? '' : ` (did you mean ${meant.slice(0, MOST_NAMED).join(' or ')}?)`
}

/** The candidate that a misspelling most likely meant; null when none is close. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  // A third of the letters may be wrong: more is another word, not a misspelling.
  let bound = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bound) {
      best = candidate
      bound = distance
    }
  }
  return best
}

/** The candidates by likeness: first those that hold the word, then by how many letters differ. */
export function byLikeness(word: string, candidates: Iterable<string>): string[] {
  const [written, distances] = [word.toUpperCase(), new Map<string, number>()]
  for (const candidate of candidates) {
    const name = candidate.toUpperCase()
    distances.set(candidate, name.includes(written) ? 0 : editDistance(written, name))
  }
  return [...distances].toSorted(([a, near], [b, far]) => near - far || (a < b ? -1 : 1)).map(([name]) => name)
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      const at = (cells: readonly number[], index: number): number => cells[index] ?? Number.POSITIVE_INFINITY
      let cell = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + cost)
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cell = Math.min(cell, at(beforeLast, column - 2) + 1)
      current.push(cell)
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? Number.POSITIVE_INFINITY
}
