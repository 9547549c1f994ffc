import { type KeyShape, shapeOf } from '../schema/key-shape.ts'
import { settingsSchema } from './schema.ts'

/** What a file may contain, as JSON Schema 2020-12. */
export function jsonSchema(): KeyShape {
  return shapeOf(settingsSchema)
}
