import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Place } from '../../model/config-fault.ts'

type At = Place['at']

/** The text of a web configuration file as plain values, with the places of its keys. */
export class WebDocument {
  readonly value: unknown
  /** What is no YAML. None of them quotes the file: hashes stand in it, and by mistake passwords. */
  readonly mistakes: readonly { readonly at: At; readonly text: string }[]
  readonly #lines = new LineCounter()
  readonly #document: Document

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' })
    const mistakes: { at: At; text: string }[] = this.#document.errors.map(({ message, pos }) => ({
      at: this.#at(pos[0]),
      text: unquoted(message),
    }))
    let value: unknown = null
    try {
      if (mistakes.length === 0) value = withoutEmptySections(this.#document.toJS())
    } catch (error) {
      mistakes.push({ at: null, text: unquoted((error as Error).message) })
    }
    this.value = value
    this.mistakes = mistakes
  }

  /** Where a key stands, or the last one of its path that does; null for the file itself. */
  locate(path: readonly PropertyKey[]): At {
    let node: unknown = this.#document.contents
    let last: At = null
    for (const segment of path) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment))
        : undefined
      const found = (isSeq(node) ? node.items[Number(segment)] : pair?.key) as Node | undefined
      if (found?.range == null) break
      last = this.#at(found.range[0])
      node = pair === undefined ? found : pair.value
    }
    return last
  }

  #at(offset: number): At {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }
}

/** Without what comes behind a colon: a token or a name from the file. */
function unquoted(message: string): string {
  const [firstLine = ''] = message.split('\n')
  return firstLine.replace(/: (?:".*|\S+)$/, '')
}

/** A section whose keys are all commented out reads as null in YAML and means nothing, like the whole file. */
function withoutEmptySections(content: unknown): unknown {
  if (content === null) return {}
  if (typeof content !== 'object' || Array.isArray(content)) return content
  return Object.fromEntries(Object.entries(content).filter(([, section]) => section !== null))
}
