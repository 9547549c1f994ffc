import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { examine } from '../../src/commands/examine.ts'
import { examineAside } from '../../src/commands/examine-aside.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-aside-'))
after(() => rmSync(folder, { recursive: true }))
const env = { HOME: folder }
const { signal } = new AbortController()
/** Cannot be started, as where the limit of tasks is reached. */
const NO_PROGRAM = join(folder, 'none')

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const full = write(
  'full.yaml',
  `carbon: { zone: DE, location: [{ source: value, g_per_kwh: 30, basis: direct, reference: utility }] }
attribution: { tenants: [{ tenant: a, name: "a*" }] }
sensors: { file: { inputs: [{ path: /run/watts, unit: W, scope: ac_in, device: plug }] } }
ledger: { flush: 1m }
`,
)

for (const [where, program] of [
  ['by another process', process.execPath],
  ['here, where no process can be started', NO_PROGRAM],
  ['here, where what is started answers something else', '/bin/true'],
] as const) {
  test(`${where}: it is the very configuration, and frozen`, async () => {
    const { config } = examine({ file: full, env }, false)
    const aside = await examineAside({ file: full, env }, signal, program)
    assert.deepEqual(aside, config)
    assert.ok(Object.isFrozen(aside.carbon.location) && Object.isFrozen(aside.sensors.file.inputs[0]))
  })

  test(`${where}: faults keep their places`, async () => {
    const file = write('bad.yaml', 'ledger:\n  flush: 1\nnode: { nam: x }\n')
    const asked = examineAside({ file, env }, signal, program)
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof ConfigFault)
      assert.throws(() => examine({ file, env }, true), { message: error.message })
      assert.deepEqual(
        error.faults.map(({ place }) => place?.at?.line),
        [2, 3],
      )
      return true
    })
  })
}

test('who is stopped meanwhile waits for no answer', async () => {
  const stop = new AbortController()
  const asked = examineAside({ file: full, env }, stop.signal)
  stop.abort()
  await assert.rejects(asked, { name: 'AbortError' })
})
