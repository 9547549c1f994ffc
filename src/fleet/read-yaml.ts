import type * as z from 'zod'
import { type DocumentKind, missingDocument, readDocument } from '../io/document-file.ts'
import { ConfigFault, type Fault, inOrder } from '../model/config-fault.ts'
import { faultOf, findingsIn } from '../schema/findings.ts'
import { shapeOf } from '../schema/key-shape.ts'
import { YamlSource } from '../schema/yaml-source.ts'

/** The text of a file that has to be there. Throws a ConfigFault. */
export function textOf(file: string, kind: DocumentKind): string {
  const text = readDocument(file, kind)
  if (text === null) throw missingDocument(file, kind)
  return text
}

/**
 * What a YAML text says by a schema, and by `faultsOf` where no schema can say it. Throws a ConfigFault with all that is wrong,
 * each with its line. `file` names it in messages.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  faultsOf: (data: z.output<Schema>, source: YamlSource) => readonly Fault[] = () => [],
): z.output<Schema> {
  const source = new YamlSource(text, file)
  if (source.faults.length > 0) throw new ConfigFault(source.faults)
  const { success, data, error } = schema.safeParse(source.value ?? {})
  const faults = success
    ? faultsOf(data, source)
    : findingsIn(error, source.value, shapeOf(schema)).map((finding) => faultOf(finding, source))
  if (!success || faults.length > 0) throw new ConfigFault(inOrder(faults))
  return data
}
