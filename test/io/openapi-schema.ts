import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

export interface Answered {
  readonly status: number
  readonly body: unknown
}

/** Fails where an answer is not what a document in OpenAPI promises for its path and status. */
export function promisesOf(document: object) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  // The package's types do not know that it is a CommonJS module.
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema(document, 'openapi')
  return (path: string, method: 'get' | 'post', { status, body }: Answered): void => {
    const at = [path, method, 'responses', String(status), 'content', 'application/json', 'schema']
    const pointer = ['paths', ...at].map((word) => word.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
    const validate = ajv.getSchema(`openapi#/${encodeURI(pointer)}`)
    assert.ok(validate, `${method} ${path} promises no ${status}: ${JSON.stringify(body)}`)
    assert.ok(
      validate(body),
      `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`,
    )
  }
}
