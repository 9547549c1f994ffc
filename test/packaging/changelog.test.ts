import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { debianChangelog, rpmChangelog } from '../../packaging/legal.ts'
import type { Release } from '../../packaging/release.ts'

const release = { name: 'wattledger', version: '1.2.3', maintainer: 'A <a@example.org>', epochS: 0 } as Release
const changelog = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8')

test("the packages' changelogs have every change, and none of the headings that order them", () => {
  const kinds = changelog.match(/^- \[(?:FEATURE|CHANGE|ENHANCEMENT|BUGFIX)\]/gm) ?? []
  assert.equal(kinds.length, changelog.match(/^- /gm)?.length)
  for (const [text, first] of [
    [debianChangelog(release), /^ {2}\* \[/gm],
    [rpmChangelog(release), /^- \[/gm],
  ] as const) {
    assert.equal(text.match(first)?.length, kinds.length)
    assert.doesNotMatch(text, /#{2,}/)
  }
})
