import assert from 'node:assert/strict'
import { effectiveYaml } from '../../../src/config/document.ts'
import { parseConfig } from '../../../src/config/loader.ts'
import { jsonSchema } from '../../../src/config/shape.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import type { KeyShape } from '../../../src/schema/key-shape.ts'
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
      assert.ok(error instanceof ConfigFault, error instanceof Error ? error.stack : String(error))
      const lines = error.message.split('\n')
      assert.equal(lines.length, error.faults.length, 'one line for each fault')
      for (const [index, { place, text: reason }] of error.faults.entries()) {
        const { at } = place ?? assert.fail('a fault without a place')
        const start = at === null ? ' ' : `${at.line}:${at.column}: `
        assert.ok(lines[index]?.startsWith(`${SOURCE}:${start}`), lines[index])
        assert.match(reason, /^expected .+, received .+$/su)
        assert.ok(at === null || (at.line >= 1 && at.column >= 1 && at.line <= text.split('\n').length))
      }
    }
  },
}

function keysOf(shape: KeyShape): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, child]) => [key, ...keysOf(child)])
}
