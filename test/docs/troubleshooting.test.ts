import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8')

/** All that the program can say, with strings that a line's end parts made whole. */
const source = globSync('src/**/*.ts', { cwd: ROOT })
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n')
  .replaceAll(/['`] \+\n\s*['`]/g, '')

test('each message that troubleshooting.md names is one that the program gives', () => {
  const messages = [...page.matchAll(/^\| `([^`]+)` \| .+ \| .+ \|$/gm)].map(([, message = '']) => message)
  assert.ok(messages.length > 30)
  assert.equal(new Set(messages).size, messages.length)
  for (const message of messages) {
    // What stands for a name is `${…}` in the source.
    const pattern = message
      .split('…')
      .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('\\$\\{[^\\n]+?\\}')
    assert.match(source, new RegExp(pattern), message)
  }
})

test('each row of it has a cause and a remedy', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  for (const row of rows) assert.equal(row.split(' | ').filter((cell) => cell.trim().length > 3).length, 3, row)
})
