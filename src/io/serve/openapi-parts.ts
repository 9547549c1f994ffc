/** Pieces that documents in OpenAPI 3.1 are made of. */

export const NUMBER = { type: 'number' }
export const NUMBER_OR_NULL = { type: ['number', 'null'] }
export const TEXT = { type: 'string' }
export const TIME = { type: 'string', format: 'date-time' }

/** Every property is always there. */
export function object(properties: Readonly<Record<string, object>>, description?: string) {
  const required = Object.keys(properties)
  return { type: 'object', ...(description && { description }), additionalProperties: false, required, properties }
}

export function list(items: object, description?: string) {
  return { type: 'array', ...(description && { description }), items }
}

export function orNull(schema: object, description?: string) {
  return { ...(description && { description }), anyOf: [schema, { type: 'null' }] }
}

export function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

export function about<Schema extends object>(description: string, schema: Schema) {
  return { ...schema, description }
}

export function parameter(
  name: string,
  place: 'path' | 'query',
  description: string,
  schema: object,
  required = false,
) {
  return { name, in: place, description, required: required || place === 'path', schema }
}

/** What an operation answers; `refusals` says what each code of a refusal means, whose body is the schema `Refusal`. */
export function answersOf(refusals: Readonly<Record<string, string>>) {
  const content = (schema: object) => ({ 'application/json': { schema } })
  return (status: string, description: string, schema: object, others: readonly string[] = []) => ({
    [status]: { description, content: content(schema) },
    ...Object.fromEntries(
      others.map((code) => [code, { description: refusals[code], content: content(ref('Refusal')) }]),
    ),
  })
}
