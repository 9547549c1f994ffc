import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openAttribute, readAttribute } from '../../src/io/attribute.ts'
import { holdReads } from '../native/held-reads.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-attribute-'))
after(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)

test('an attribute is its text', async () => {
  writeFileSync(at('name'), 'package-0\n')
  assert.equal(await readAttribute(at('name')), 'package-0')
  writeFileSync(at('name'), 'package-1\n')
  assert.equal(await readAttribute(at('name')), 'package-1')
  await assert.rejects(readAttribute(at('none')), { code: 'ENOENT' })
})

test('a FIFO is refused at once', async () => {
  execFileSync('mkfifo', [at('fifo')])
  await assert.rejects(readAttribute(at('fifo')), { reason: 'irregular' })
  await openAttribute(at('fifo'))
})

test('an attribute that hangs is given up in time, holds one thread of the pool, and is read when it comes', async (t) => {
  writeFileSync(at('label'), 'PPT\n')
  writeFileSync(at('beside'), 'here\n')
  const hold = await holdReads(at('label'))
  if (typeof hold === 'string') {
    t.skip(hold)
    return
  }
  try {
    // The pool has four threads: were each look a read, the fourth would be the last thing to happen.
    for (let look = 0; look < 8; look += 1) {
      await assert.rejects(readAttribute(at('label'), 10), {
        code: 'ETIMEDOUT',
        message: `${at('label')}: no answer within 10 ms`,
      })
    }
    await hold.held
    assert.equal(await readFile(at('beside'), 'utf8'), 'here\n')
    const waiting = readAttribute(at('label'), 60_000)
    await hold.release()
    assert.equal(await waiting, 'PPT')
  } finally {
    await hold.release()
  }
})
