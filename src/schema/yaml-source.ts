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
import type { Fault, Place } from '../model/config-fault.ts'
import { reasonOf } from '../model/reason.ts'

/** A YAML 1.2 document as plain values, with the place of every key. An empty text is the value null. */
export class YamlSource {
  readonly #lines = new LineCounter()
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()
  readonly #document: Document | null
  readonly #file: string
  readonly value: unknown
  /** What is not YAML. */
  readonly faults: readonly Fault[]

  /** Never throws. `file` names it in messages. */
  constructor(text: string, file: string) {
    this.#file = file
    const faults: Fault[] = []
    let document: Document | null = null
    let value: unknown = null
    try {
      document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' })
      faults.push(...this.#mistakesOf(document))
      // An alias bomb (a few lines worth gigabytes) is refused here, where aliases are expanded.
      if (faults.length === 0) value = document.toJS()
    } catch (error) {
      // Besides the bomb: the parser recurses, and a hundred thousand brackets exhaust the stack.
      faults.push(mistake(reasonOf(error), this.#whole))
    }
    this.#document = document
    this.value = value
    this.faults = faults
  }

  /** The key that a path leads to, or the last one of the path that exists. */
  locate(path: readonly PropertyKey[]): Place {
    let node: unknown = this.#document?.contents
    let last = this.#whole
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

  #mistakesOf(document: Document): Fault[] {
    const faults = [...document.errors, ...document.warnings].map(({ message, pos }) =>
      mistake(message, this.#place(pos[0])),
    )
    visit(document, {
      Pair: (_, { key }) => {
        if (!isPlainKey(key)) faults.push(mistake('A key must be a plain word', this.#placeOf(key as Node | null)))
      },
    })
    return faults
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map)
    if (known !== undefined) return known
    const pairs = new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]))
    this.#pairs.set(map, pairs)
    return pairs
  }

  get #whole(): Place {
    return { file: this.#file, at: null }
  }

  #placeOf(node: Node | null): Place {
    return node?.range ? this.#place(node.range[0]) : this.#whole
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.#file, at: { line, column: col } }
  }
}

/** `__proto__` is no key of ours, and objects treat it as none of theirs: it would be dropped in silence. */
function isPlainKey(key: unknown): boolean {
  return isScalar(key) && key.value !== null && typeof key.value !== 'object' && key.value !== '__proto__'
}

function mistake(message: string, place: Place): Fault {
  return { key: '', text: `expected valid YAML, received a mistake: ${message.split('\n', 1)[0]}`, place }
}
