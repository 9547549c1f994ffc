import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openAttribute, readAttribute } from '../../src/native/attribute.ts'
import { holdReads } from './held-reads.ts'

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

test('attributes that hang are given up in time, hold up nothing else, and are read when they come', async (t) => {
  writeFileSync(at('beside'), 'here\n')
  // More than libuv's pool has threads.
  const labels = Array.from({ length: 6 }, (_, index) => at(`label${index}`))
  for (const label of labels) writeFileSync(label, `${label}\n`)
  const holds = await Promise.all(labels.map(holdReads))
  try {
    const refused = holds.find((hold) => typeof hold === 'string')
    if (refused !== undefined) {
      t.skip(refused)
      return
    }
    const threads = (): number => readdirSync('/proc/self/task').length
    const before = threads()
    for (let look = 0; look < 8; look += 1) {
      for (const label of labels) {
        const message = `${label}: no answer within 10 ms`
        await assert.rejects(readAttribute(label, 10), { code: 'ETIMEDOUT', message })
      }
    }
    assert.ok(threads() <= before + labels.length, 'one thread for each that hangs')
    assert.equal(await readFile(at('beside'), 'utf8'), 'here\n')
    assert.equal(await readAttribute(at('beside')), 'here')
    const waiting = labels.map((label) => readAttribute(label, 60_000))
    for (const hold of holds) if (typeof hold !== 'string') await hold.release()
    assert.deepEqual(await Promise.all(waiting), labels)
  } finally {
    for (const hold of holds) if (typeof hold !== 'string') await hold.release()
  }
})
