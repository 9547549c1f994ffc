import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { PAGES, written } from '../../scripts/reference.ts'

const root = resolve(import.meta.dirname, '../..')

test('the reference pages are what the code gives', () => {
  for (const [path, blocks] of Object.entries(PAGES)) {
    const page = readFileSync(join(root, path), 'utf8')
    assert.equal(page, written(page, blocks), `${path}: npm run reference writes it anew`)
  }
})

test('a page without its marks is refused, so that no table goes missing', () => {
  assert.throws(() => written('# Configuration', { keys: () => '' }), /keys/)
})
