import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { ShownFile } from '../../src/integration/shown-file.ts'
import type { ShownRecord } from '../../src/integration/shown-record.ts'
import { checkedText, checksumOf } from '../../src/model/checked-text.ts'
import { SILENT } from '../../src/model/logger.ts'

const RECORD: ShownRecord = {
  bornUnixMs: 1_800_000_000_000,
  bootId: 'boot-1',
  durableNs: 5n,
  pendingNs: 2n ** 62n,
  shown: new Map([
    ['part/rest/derived', 10n ** 17n],
    ['consumer/service:ä\n"\u0000/tenant/idle', 1n],
    ['__proto__', 3n],
  ]),
}

let folder = ''
let warnings: string[] = []

beforeEach((t) => {
  folder = mkdtempSync(join(tmpdir(), 'wattledger-shown-'))
  warnings = []
  if ('after' in t) t.after(() => rmSync(folder, { recursive: true, force: true }))
})

const path = () => join(folder, 'shown')
const ALONE = { own: 'a', before: 'a' }
const file = (holders = ALONE) =>
  new ShownFile(path(), () => holders, { ...SILENT, warn: (_, text) => void warnings.push(text) })

test('what is saved is loaded, by nobody else, and nothing else stays', () => {
  assert.equal(file().save({ ...RECORD, bootId: 'before' }), true)
  assert.equal(file().save(RECORD), true)
  assert.deepEqual(file().load(), RECORD)
  assert.equal(statSync(path()).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['shown'])
  assert.deepEqual(warnings, [])
})

test('one after another: other numbers, more names, fewer, others in their place, another order, another boot', () => {
  const shown = file()
  const names = [['a'], ['a'], ['a', 'b'], ['b', 'a'], ['b', 'c'], ['c'], [], ['c']]
  const records = names.map((some, n) => ({
    ...RECORD,
    pendingNs: BigInt(n),
    shown: new Map(some.map((name, index) => [name, BigInt(10 * n + index)])),
  }))
  for (const record of [...records, { ...RECORD, bootId: 'boot-2' }, { ...RECORD, bornUnixMs: 1 }]) {
    assert.equal(shown.save(record), true)
    assert.deepEqual(file().load(), record)
    assert.deepEqual([...(file().load()?.shown.keys() ?? [])], [...record.shown.keys()])
  }
})

test('without a record there is none, and nothing to say', () => {
  assert.equal(file().load(), null)
  assert.deepEqual(warnings, [])
})

test('a record that was cut anywhere, or in which any byte is another, is none', () => {
  file().save(RECORD)
  const whole = readFileSync(path())
  for (let at = 0; at < whole.length; at++) {
    writeFileSync(path(), whole.subarray(0, at))
    assert.equal(file().load(), null, `cut at ${at}`)
    const flipped = Buffer.from(whole)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    writeFileSync(path(), flipped)
    assert.equal(file().load(), null, `another byte at ${at}`)
  }
  assert.match(warnings[0] ?? '', /shown cannot be used, so that after a kill totals stand at their ceilings: /)
})

const STRANGE: Readonly<Record<string, () => void>> = {
  'a FIFO': () => execFileSync('mkfifo', [path()]),
  'a folder': () => mkdirSync(path()),
  'a link to a device': () => symlinkSync('/dev/zero', path()),
  'a link to a record': () => {
    file().save(RECORD)
    execFileSync('mv', [path(), join(folder, 'other')])
    symlinkSync(join(folder, 'other'), path())
  },
  'a record that others may write': () => {
    file().save(RECORD)
    chmodSync(path(), 0o620)
  },
  'a record of another format': () => {
    const body = '{"format":1}\n'
    writeFileSync(path(), `${execFileSync('sha256sum', { input: body, encoding: 'utf8' }).slice(0, 64)}\n${body}`)
  },
}

const HEAD = '"format":2,"holder":"a","bornUnixMs":1,"bootId":"b"'
/** Each under a right checksum, before so many numbers. */
const STRANGE_HEADS: Readonly<Record<string, readonly [head: string, numbers: number]>> = {
  nothing: ['null', 2],
  'no names': [`{${HEAD}}`, 2],
  'names that are no list': [`{${HEAD},"names":"ab"}`, 4],
  'names that are no texts': [`{${HEAD},"names":[1,null]}`, 4],
  'fewer numbers than names': [`{${HEAD},"names":["a","b"]}`, 3],
  'more numbers than names': [`{${HEAD},"names":["a"]}`, 4],
  'no numbers at all': [`{${HEAD},"names":[]}`, 0],
  'a time that is none': [`{${HEAD.replace(':1', ':1e400')},"names":[]}`, 2],
  'a boot that is no text': [`{${HEAD.replace('"b"', '{}')},"names":[]}`, 2],
}

for (const [what, [head, numbers]] of Object.entries(STRANGE_HEADS)) {
  test(`a record with ${what}, as another program may write it, is none`, () => {
    const body = Buffer.concat([Buffer.from(`${head}\n`), Buffer.alloc(8 * numbers)])
    writeFileSync(path(), Buffer.concat([Buffer.from(`${checksumOf(body)}\n`), body]), { mode: 0o600 })
    assert.equal(file().load(), null)
    assert.equal(warnings.length, 1)
  })
}

for (const [what, put] of Object.entries(STRANGE)) {
  test(`${what} in its place is no record, and holds nothing up`, () => {
    put()
    assert.equal(file().load(), null)
    assert.equal(warnings.length, 1)
  })
}

test('what cannot be written is said once, and the older record is gone, for it says less than is shown', () => {
  const shown = file()
  assert.equal(shown.save(RECORD), true)
  // What no rm -f removes.
  mkdirSync(`${path()}.new/in`, { recursive: true })
  for (let n = 0; n < 3; n++) assert.equal(shown.save(RECORD), true)
  assert.equal(file().load(), null)
  assert.equal(warnings.length, 1)
  rmSync(`${path()}.new`, { recursive: true })
  assert.equal(shown.save(RECORD), true)
  assert.deepEqual(file().load(), RECORD)
})

test('what can be neither written nor removed is told', () => {
  mkdirSync(join(path(), 'in'), { recursive: true })
  assert.equal(file().save(RECORD), false)
})

test('a record of another process than the last that held the ledger is none, and no fault', () => {
  file({ own: 'b', before: 'a' }).save(RECORD)
  assert.equal(file({ own: 'd', before: 'c' }).load(), null)
  assert.deepEqual(file({ own: 'c', before: 'b' }).load(), RECORD)
  assert.deepEqual(warnings, [])
})

test('a record of an earlier version is said to be one', () => {
  writeFileSync(path(), checkedText('{"format":1,"bootId":"boot-1","shown":["node","5"]}'))
  assert.equal(file().load(), null)
  assert.match(warnings[0] ?? '', /an earlier version wrote it$/)
})
