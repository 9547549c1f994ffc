import { type Fault, inOrder } from '../model/config-fault.ts'
import { faultOf, findingsIn, withoutEmptySections } from '../schema/findings.ts'
import type { YamlSource } from '../schema/yaml-source.ts'
import { type Settings, settingsSchema } from './schema.ts'
import { jsonSchema } from './shape.ts'

export interface Validation {
  /** With every default filled in; of a section that has faults, the defaults. */
  readonly settings: Settings
  /** In the order of the file. */
  readonly faults: readonly Fault[]
  /** The sections that have faults. */
  readonly unsound: ReadonlySet<string>
}

export function validate(source: YamlSource): Validation {
  if (source.faults.length > 0) return withoutSections(null, Object.keys(settingsSchema.parse({})), source.faults)
  const asWritten = settingsSchema.safeParse(source.value ?? {})
  if (asWritten.success) return { settings: asWritten.data, faults: [], unsound: new Set() }
  // The schema as JSON Schema takes 3 MB of memory, so only what needs a second look pays for it.
  const shape = jsonSchema()
  const value = withoutEmptySections(source.value, shape)
  const result = settingsSchema.safeParse(value)
  if (result.success) return { settings: result.data, faults: [], unsound: new Set() }
  const findings = findingsIn(result.error, value, shape)
  return withoutSections(
    value,
    findings.map(({ path }) => path[0] ?? ''),
    findings.map((finding) => faultOf(finding, source)),
  )
}

/** What is left of a value without the sections that have faults. */
function withoutSections(value: unknown, bad: readonly string[], faults: readonly Fault[]): Validation {
  const unsound = new Set(bad)
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  const sound = isMapping ? Object.entries(value).filter(([section]) => !unsound.has(section)) : []
  return { settings: settingsSchema.parse(Object.fromEntries(sound)), faults: inOrder(faults), unsound }
}
