import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Problem } from './problem.ts'

export interface Place {
  readonly line: number
  readonly column: number
}

/** A YAML 1.2 document as plain values, with the place of every key. An empty text is the value null. */
export class YamlSource {
  readonly #lines = new LineCounter()
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()
  readonly #document: Document | null
  readonly value: unknown
  readonly problems: readonly Problem[]

  /** Never throws: what is not YAML is a problem. */
  constructor(text: string) {
    const problems: Problem[] = []
    let document: Document | null = null
    let value: unknown = null
    try {
      document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' })
      problems.push(...this.#mistakesOf(document))
      // An alias bomb (a few lines worth gigabytes) is refused here, where aliases are expanded.
      if (problems.length === 0) value = document.toJS()
    } catch (error) {
      // Besides the bomb: the parser recurses, and a hundred thousand brackets exhaust the stack.
      problems.push(mistake(error instanceof Error ? error.message : String(error), null))
    }
    this.#document = document
    this.value = value
    this.problems = problems
  }

  /** The key that a path leads to, or the last one of the path that exists; null for the document itself. */
  locate(path: readonly PropertyKey[]): Place | null {
    let node: unknown = this.#document?.contents
    let last: Place | null = null
    for (const segment of path) {
      if (isAlias(node) && this.#document !== null) node = node.resolve(this.#document)
      const pair = isMap(node) ? this.#pairsOf(node).get(String(segment)) : undefined
      const found = isSeq(node) ? node.items[Number(segment)] : pair?.key
      if (found === undefined) break
      last = this.#placeOf(found as Node)
      node = pair === undefined ? found : pair.value
    }
    return last
  }

  #mistakesOf(document: Document): Problem[] {
    const problems = [...document.errors, ...document.warnings].map(({ message, pos }) =>
      mistake(message, this.#place(pos[0])),
    )
    visit(document, {
      Pair: (_, { key }) => {
        if (!isPlainKey(key)) problems.push(mistake('A key must be a plain word', this.#placeOf(key as Node | null)))
      },
    })
    return problems
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map)
    if (known !== undefined) return known
    const pairs = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]))
    this.#pairs.set(map, pairs)
    return pairs
  }

  #placeOf(node: Node | null): Place | null {
    return node?.range ? this.#place(node.range[0]) : null
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }
}

/** `__proto__` is no key of ours, and objects treat it as none of theirs: it would be dropped in silence. */
function isPlainKey(key: unknown): boolean {
  return isScalar(key) && key.value !== null && typeof key.value !== 'object' && key.value !== '__proto__'
}

function mistake(message: string, at: Place | null): Problem {
  return { path: '', at, expected: 'valid YAML', received: `a mistake: ${message.split('\n', 1)[0]}` }
}
