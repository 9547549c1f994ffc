import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readBounded, UnfitFile } from '../../src/io/bounded-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-bounded-'))
after(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)

test('a file is read whole, up to its bound and not a byte further', () => {
  for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const content = Buffer.alloc(size, 'wattledger')
    writeFileSync(at('file'), content)
    assert.deepEqual(readBounded(at('file'), 200_000).bytes, content)
    assert.deepEqual(readBounded(at('file'), size).bytes, content)
    if (size === 0) continue
    assert.throws(() => readBounded(at('file'), size - 1), new UnfitFile(at('file'), 'large', size - 1))
  }
})

test('what has no size or a false one is read and bounded all the same', () => {
  assert.match(readBounded('/proc/self/status', 65_536).bytes.toString(), /^Name:\t/)
  assert.throws(() => readBounded('/proc/self/status', 10), { reason: 'large', message: /has more than 10 bytes$/ })
})

test('what is no regular file is not waited for and not read', () => {
  execFileSync('mkfifo', [at('fifo')])
  for (const path of [at('fifo'), '/dev/zero', '/dev/full']) {
    assert.throws(() => readBounded(path, 10), { reason: 'irregular', message: `${path} is no regular file` })
  }
  assert.throws(() => readBounded(folder, 10), { reason: 'folder', message: `${folder} is no regular file` })
  assert.throws(() => readBounded(at('none'), 10), { code: 'ENOENT' })
})

test('a large file is refused before it is read', () => {
  writeFileSync(at('huge'), '')
  truncateSync(at('huge'), 2 ** 40)
  assert.throws(() => readBounded(at('huge'), 2 ** 24), { reason: 'large' })
})
