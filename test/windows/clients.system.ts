import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { after, before, test } from 'node:test'
import type { Host } from '../evidence/agent.ts'
import { ask, counting, finalOf, hostOfWindows, socketOf } from './agent-host.ts'

const EXAMPLES = resolve(import.meta.dirname, '../../docs/examples')

let host: Host
before(async () => {
  host = hostOfWindows()
  await counting(await host.start())
})
after(() => host[Symbol.asyncDispose]())

/** What a script prints as JSON, run as a user would. */
async function printed(program: string, args: readonly string[], socket = socketOf(host)): Promise<unknown> {
  const child = spawn(program, args, {
    cwd: EXAMPLES,
    env: { ...process.env, WATTLEDGER_SOCKET: socket, PYTHONDONTWRITEBYTECODE: '1' },
  })
  let [told, failed] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    failed += chunk
  })
  await once(child, 'close')
  assert.equal(failed, '')
  return JSON.parse(told)
}

const python = (script: string, socket?: string) => printed('python3', ['-c', script], socket)
const node = (script: string) => printed(process.execPath, ['--input-type=module-typescript', '-e', script])

test('Python: a context and a decorator', async () => {
  const told = await python(`
import json, time
from wattledger import window, measured
with window("epoch", 3, tags={"model": "a"}, series="run-1", repeats=2) as epoch:
    time.sleep(1.1)
@measured(name="handler")
def handler(event):
    "doc"
    return event + 1
answer = handler(41)
print(json.dumps([epoch.result, epoch.energy_j, epoch.co2e_g, answer, handler.__doc__, handler.last.result]))`)
  const [result, energyJ, co2eG, answer, doc, last] = told as [Told, number, number, number, string, Told]
  assert.deepEqual(result.tags, { model: 'a', epoch: '3' })
  assert.deepEqual([result.name, result.series, result.repeats], ['epoch', 'run-1', 2])
  assert.deepEqual([energyJ, co2eG], [result.energy_j, result.co2e_g.location])
  const { energy_j, co2e_g } = (await finalOf(socketOf(host), result.id)).body
  assert.ok(energy_j > 50 && co2e_g.location > 0, `${energy_j} J, ${co2e_g.location} g`)
  assert.deepEqual([answer, doc, last.name], [42, 'doc', 'handler'])
})

test('Python: what the work raises comes through, its window is ended, and without an agent the work is done', async () => {
  const told = await python(`
import json
from wattledger import window
try:
    with window("fails") as failed:
        raise KeyError("of the work")
except KeyError as error:
    kind = str(error)
print(json.dumps([kind, failed.result["closed_by"]]))`)
  assert.deepEqual(told, ["'of the work'", 'client'])
  const alone = await python(
    `
import json
from wattledger import window, WattledgerError
done = 0
with window("alone") as one:
    done += 1
try:
    with window("alone", required=True):
        done += 1
except WattledgerError as error:
    said = str(error)
print(json.dumps([done, one.result, said]))`,
    '/nonexistent/api.sock',
  )
  assert.deepEqual((alone as unknown[]).slice(0, 2), [1, null])
  assert.match(String((alone as unknown[])[2]), /^no agent answers: /)
})

test('TypeScript: a window that is disposed of, and a function whose calls are measured', async () => {
  const told = await node(`
import { setTimeout } from 'node:timers/promises'
import { measured, window } from './wattledger.ts'
let result
{
  await using epoch = await window('build', { tags: { job: 7 }, series: 'nightly' })
  await setTimeout(1100)
  result = await epoch.end()
}
const told: unknown[] = []
const answer = await measured('request', async (n: number) => n + 1, ({ id }) => told.push(id))(41)
let thrown = ''
await measured('bad', async () => { throw new Error('of the work') }, ({ id }) => told.push(id))().catch((error) => { thrown = error.message })
console.log(JSON.stringify([result, answer, thrown, told]))`)
  const [result, answer, thrown, ids] = told as [Told, number, string, string[]]
  assert.deepEqual([result.name, result.tags], ['build', { job: '7' }])
  assert.ok((await finalOf(socketOf(host), result.id)).body.energy_j > 50)
  assert.deepEqual([answer, thrown, ids.length], [42, 'of the work', 2])
  const { body } = await ask(socketOf(host), 'GET', '/v1/windows?limit=3')
  assert.deepEqual(
    body.windows.map(({ name, status }: Told) => [name, status === 'open']),
    [
      ['bad', false],
      ['request', false],
      ['build', false],
    ],
  )
})

interface Told {
  readonly id: string
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly status: string
  readonly series: string
  readonly repeats: number
  readonly energy_j: number
  readonly co2e_g: { readonly location: number }
}
