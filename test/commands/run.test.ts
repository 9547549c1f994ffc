import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../../src/commands/run.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'

async function outcome(thrown: unknown) {
  let said = ''
  const command = () => {
    throw thrown
  }
  const stderr = { write: (text: string) => (said += text) }
  return { code: await run(() => command, { stderr }), said }
}

test('a wrong configuration is told by the line, and exits 78', async () => {
  const place = { file: '/w.yaml', at: { line: 2, column: 8 } }
  const faults = [
    { key: '', text: 'expected this', place: { file: '/w.yaml', at: null } },
    { key: 'web.listen\n', text: 'expected that', place },
  ]
  assert.deepEqual(await outcome(new ConfigFault(faults)), {
    code: 78,
    said: '/w.yaml: expected this\n/w.yaml:2:8: web.listen : expected that\n',
  })
})

test('an error with a code is told in a line without its credentials, any other one with its stack, and both exit 1', async () => {
  const expected = Object.assign(new Error('no answer from https://me:hush@host/x'), { code: 'NO_ANSWER' })
  const { code, said } = await outcome(new AggregateError([], 'sampler did not start', { cause: expected }))
  assert.equal(code, 1)
  assert.match(said, /^wattledger: no answer from https:\/\/\S*host\/x\n$/)
  assert.doesNotMatch(said, /hush/)
  const bug = await outcome(new TypeError('x is undefined'))
  assert.equal(bug.code, 1)
  assert.match(bug.said, /^wattledger: TypeError: x is undefined\n +at /)
})

test('a command that cannot be loaded is told like one that fails', async () => {
  let said = ''
  const stderr = { write: (text: string) => (said += text) }
  const load = () => Promise.reject(Object.assign(new Error('not compiled: npm run addon'), { code: 'ADDON_MISSING' }))
  assert.equal(await run(load, { stderr }), 1)
  assert.equal(said, 'wattledger: not compiled: npm run addon\n')
})
