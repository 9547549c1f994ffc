/** Debian: curl */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { allOf, commandsOf } from '../docs/blocks.ts'
import { counting, hostOfWindows, socketOf } from './agent-host.ts'

const commands = allOf('').flatMap((block) => commandsOf(block))

test('the requests of windows.md, by curl, to an agent that counts', async (t) => {
  await using host = hostOfWindows()
  const agent = await host.start()
  await counting(agent)
  const ask = async (command: string) => {
    const here = command.replace('/run/wattledger/api.sock', socketOf(host))
    const { stdout } = await promisify(execFile)('sh', ['-ec', `${here} --silent --show-error --fail-with-body`], {
      signal: t.signal,
    })
    return JSON.parse(stdout)
  }
  const [begin = '', end = '', energy = '', ...more] = commands.filter((command) => command.startsWith('curl --unix'))
  assert.equal(more.length, 0)
  const { id, status } = await ask(begin)
  assert.equal(status, 'open')
  assert.equal((await ask(end.replace('ID', id))).closed_by, 'client')
  assert.equal((await ask(energy)).energy_j, 0, 'long ago')
})
