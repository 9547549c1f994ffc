import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
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
import { afterEach, beforeEach, test } from 'node:test'
import type { Host } from '../../src/machine/host.ts'
import { partsOf } from '../../src/machine/machine-parts.ts'
import { unnamedProcessor } from '../../src/machine/processor.ts'
import { parseSavedParts, savedPartsText } from '../../src/machine/saved-parts.ts'
import { recall, save, savedPath } from '../../src/machine/saved-parts-file.ts'
import { aHost, asService } from './a-host.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
let state = ''
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'wattledger-saved-'))
})
afterEach(() => rmSync(state, { recursive: true }))

const saved = (host: Host): void => save(state, savedPartsText(host, NOW))
/** What the service makes of what root saved. */
const said = async (host: Host): Promise<readonly string[]> =>
  (await recall(state, host)).said.map(({ event, message }) => `${event} ${message.replaceAll(state, '')}`)

test('what only root sees comes to the service, and what it sees itself stays first', async () => {
  const root = aHost()
  saved(root)
  const service = asService({ ...root, disks: [{ name: 'Dell P5', gb: 3_840, rotates: false }] })
  const { saved: facts, said } = await recall(state, service)
  assert.deepEqual(said, [])
  const parts = partsOf(service, facts)
  assert.deepEqual([parts.dimmsGib, parts.suppliesW, parts.areModulesKnown], [[64, 64, 64], [750, null], true])
  assert.equal(parts.memoryGb, (192 * 2 ** 30) / 1e9)
  assert.equal(parts.disks[0]?.name, 'Dell P5520')
})

test('the file keeps the names of its first version', async () => {
  saved(aHost())
  assert.deepEqual(Object.keys(JSON.parse(readFileSync(savedPath(state), 'utf8'))), [
    'version',
    'savedAt',
    'bootId',
    'product',
    'processors',
    'chassisType',
    'dimmsGb',
    'suppliesW',
    'disks',
    'gpus',
  ])
})

test('where the kernel names no sockets, the saved ones count', async () => {
  const root = aHost({ processors: [unnamedProcessor(80), unnamedProcessor(80)] })
  saved(root)
  const service = asService({ ...root, processors: [unnamedProcessor(160)] })
  assert.deepEqual(
    partsOf(service, (await recall(state, service)).saved).processors.map(({ cores }) => cores),
    [80, 80],
  )
})

test('the file is of a group that reads and nobody else, and of one piece', async () => {
  saved(aHost())
  const { mode, gid } = statSync(savedPath(state))
  assert.deepEqual([mode & 0o777, gid], [0o640, statSync(state).gid])
  saved(aHost({ dimmsGib: [32] }))
  assert.deepEqual(readdirSync(state), ['inventory.json'])
  assert.doesNotMatch(readFileSync(savedPath(state), 'utf8'), /serial/i)
})

test('links that the service laid lead root nowhere', async () => {
  const victim = join(state, 'victim')
  writeFileSync(victim, 'untouched')
  for (const name of ['inventory.json', 'inventory.json.new']) symlinkSync(victim, join(state, name))
  saved(aHost())
  assert.equal(readFileSync(victim, 'utf8'), 'untouched')
  assert.deepEqual([(await recall(state, aHost())).said, lstatSync(savedPath(state)).isFile()], [[], true])
})

test('nothing saved is nothing to say', async () =>
  assert.deepEqual(await recall(state, aHost()), { saved: null, said: [] }))

test('what is damaged, endless, of a later version or no file at all is ignored, and said', async () => {
  const text = savedPartsText(aHost(), NOW)
  const spoilt = [
    '',
    '{',
    'null',
    text.slice(0, 200),
    text.replace('"version": 1', '"version": 2'),
    ' '.repeat(300_000),
  ]
  for (const content of spoilt) {
    writeFileSync(savedPath(state), content)
    assert.equal((await recall(state, aHost())).saved, null)
    assert.match(
      (await said(aHost())).join(),
      /^inventory_ignored \/inventory\.json is not used: .+"systemctl restart wattledger"/,
    )
  }
  rmSync(savedPath(state))
  execFileSync('mkfifo', [savedPath(state)])
  assert.match((await said(aHost())).join(), /inventory.json is no regular file/)
  rmSync(savedPath(state))
  symlinkSync('/dev/null', savedPath(state))
  assert.match((await said(aHost())).join(), /ELOOP/)
})

test("another machine's file is ignored, and said", async () => {
  saved(aHost())
  for (const other of [{ product: 'HPE ProLiant DL380' }, { processors: [] as Host['processors'] }]) {
    const host = aHost({
      ...other,
      ...(other.processors && { processors: [...aHost().processors, ...aHost().processors] }),
    })
    assert.equal((await recall(state, host)).saved, null)
    assert.match((await said(host)).join(), /^inventory_ignored .* it is of another machine, Dell Inc\. PowerEdge R740/)
  }
})

test('what changed since is said; of this boot the rest holds, of an earlier one nothing does', async () => {
  saved(aHost())
  const changed = asService(aHost({ disks: [] }))
  assert.deepEqual(await said(changed), [
    'inventory_differs /inventory.json and what is seen differ. Saved: 1 disk of 3.84 TB; seen: 0 disks of 0 GB. "systemctl restart wattledger" saves it again',
  ])
  assert.deepEqual((await recall(state, changed)).saved?.dimmsGib, [64, 64, 64])
  const later = { ...changed, bootId: 'another' }
  assert.match((await said(later)).join(), /^inventory_ignored .* it is of an earlier boot\. Saved: 1 disk/)
  assert.equal((await recall(state, later)).saved, null)
  const same = asService(aHost({ bootId: 'another' }))
  assert.deepEqual([await said(same), (await recall(state, same)).saved?.suppliesW], [[], [750, null]])
})

test('modules that the memory of the kernel does not fit are said', async () => {
  saved(aHost())
  const isSaid = async (differing: Partial<Host>): Promise<boolean> =>
    (await said(asService(aHost(differing)))).length > 0
  assert.equal(await isSaid({ usableMemoryGib: 252 }), true, 'more than is installed')
  assert.equal(await isSaid({ usableMemoryGib: 94 }), true, 'half of it')
  assert.equal(await isSaid({ usableMemoryGib: 170 }), false, 'a crash kernel')
  assert.equal(await isSaid({ usableMemoryGib: 0 }), false)
  assert.equal(await isSaid({ usableMemoryGib: 94, isVirtual: true }), false, 'a balloon')
})

test('what is saved can be read, whatever a firmware calls itself', async () => {
  const host = aHost({ product: `evil\u001b[2J\n${'x'.repeat(300)}`, chassisType: null, bootId: '' })
  const parts = parseSavedParts(savedPartsText(host, NOW))
  assert.equal(parts?.product?.length, 200)
  assert.doesNotMatch(parts?.product ?? '', /\p{Cc}/u)
  saved(host)
  assert.deepEqual(await said(host), [])
})
