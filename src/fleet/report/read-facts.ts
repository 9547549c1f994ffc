import type { DocumentKind } from '../../io/document-file.ts'
import { parseYaml, textOf } from '../read-yaml.ts'
import { type Facts, factsSchema } from './facts-schema.ts'

const FACTS: DocumentKind = {
  mistaken: (received) => `expected a file of facts, received ${received}`,
  maxBytes: 1 << 20,
}

/** Throws a ConfigFault with all that is wrong, each with its line. */
export function readFacts(file: string): Facts {
  return parseFacts(textOf(file, FACTS), file)
}

/** As readFacts, from a text. `file` names it in messages. */
export function parseFacts(text: string, file: string): Facts {
  return parseYaml(text, file, factsSchema)
}
