/** Debian: rpm rpm2cpio cpio g++-aarch64-linux-gnu */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ARCHITECTURES } from '../../packaging/architecture.ts'
import { BUILD_TOOLS, buildPackages, builtPackages, skipWithout, temporaryFolder } from './built.ts'

const folder = temporaryFolder()

/** For this processor: a build for the other takes the same way, with another compiler. */
const native = ARCHITECTURES.filter(({ node }) => node === process.arch)

test('a second build, at another time and in another folder, has the same bytes', (context) => {
  if (skipWithout(context, ...BUILD_TOOLS)) return
  assert.equal(native.length, 1)
  for (const architecture of native) {
    const first = builtPackages(architecture, folder)
    const second = buildPackages(architecture, join(folder, 'second'))
    for (const kind of ['deb', 'rpm', 'tarball'] as const) {
      assert.notEqual(second[kind], first[kind])
      assert.equal(hash(second[kind]), hash(first[kind]), kind)
    }
  }
})

function hash(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
