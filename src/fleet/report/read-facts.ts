import { type DocumentKind, missingDocument, readDocument } from '../../io/document-file.ts'
import { ConfigFault, inOrder } from '../../model/config-fault.ts'
import { faultOf, findingsIn } from '../../schema/findings.ts'
import { shapeOf } from '../../schema/key-shape.ts'
import { YamlSource } from '../../schema/yaml-source.ts'
import { type Facts, factsSchema } from './facts-schema.ts'

const FACTS: DocumentKind = {
  mistaken: (received) => `expected a file of facts, received ${received}`,
  maxBytes: 1 << 20,
}

/** Throws a ConfigFault with all that is wrong, each with its line. */
export function readFacts(file: string): Facts {
  const text = readDocument(file, FACTS)
  if (text === null) throw missingDocument(file, FACTS)
  return parseFacts(text, file)
}

/** As readFacts, from a text. `file` names it in messages. */
export function parseFacts(text: string, file: string): Facts {
  const source = new YamlSource(text, file)
  if (source.faults.length > 0) throw new ConfigFault(source.faults)
  const { success, data, error } = factsSchema.safeParse(source.value ?? {})
  if (success) return data
  const findings = findingsIn(error, source.value, shapeOf(factsSchema))
  throw new ConfigFault(inOrder(findings.map((finding) => faultOf(finding, source))))
}
