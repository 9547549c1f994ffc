import assert from 'node:assert/strict'
import { effectiveYaml } from '../../../src/config/document.ts'
import { parseConfig } from '../../../src/config/loader.ts'
import { ConfigError } from '../../../src/config/problem.ts'
import { jsonSchema, type KeyShape } from '../../../src/config/shape.ts'
import type { FuzzTarget } from '../target.ts'

const SOURCE = 'fuzz.yaml'
const YAML = [
  '&a ',
  '*a',
  '<<: ',
  '!!str ',
  '? ',
  '|\n ',
  '>-\n',
  '---\n',
  '%YAML 1.2\n',
  '[',
  '{',
  '}',
  ']',
  '"',
  "'",
  '# ',
]
const VALUES = [
  'auto',
  'null',
  '~',
  '100ms',
  '5s',
  '48h',
  '0x1f',
  '.inf',
  '.nan',
  '1e99',
  '/x',
  ':1',
  'DE',
  'life-cycle',
]

/** `wattledger.yaml`: accepted, and then printing it loads back to the same, or refused with places and reasons. */
export const configuration: FuzzTarget = {
  name: 'configuration',
  tokens: [...YAML, ...VALUES, ...keysOf(jsonSchema()).map((key) => `\n  ${key}: `), '__proto__: ', '\n'],
  run(input) {
    const text = input.toString('utf8')
    try {
      const config = parseConfig(text, { HOME: '/root' }, SOURCE)
      assert.deepEqual(parseConfig(effectiveYaml(config), {}, SOURCE), config)
    } catch (error) {
      assert.ok(error instanceof ConfigError, error instanceof Error ? error.stack : String(error))
      const lines = error.message.split('\n')
      assert.equal(lines.length, error.problems.length, 'one line for each problem')
      for (const [index, { at, expected, received }] of error.problems.entries()) {
        const place = at === null ? ' ' : `${at.line}:${at.column}: `
        assert.ok(lines[index]?.startsWith(`${SOURCE}:${place}`), lines[index])
        assert.ok(expected !== '' && received !== '')
        assert.ok(at === null || (at.line >= 1 && at.column >= 1 && at.line <= text.split('\n').length))
      }
    }
  },
}

function keysOf(shape: KeyShape): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, child]) => [key, ...keysOf(child)])
}
