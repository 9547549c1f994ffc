import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../src/native/system-clock.ts'
import { createWorkloads } from '../../src/workloads/workloads.ts'
import { recorder } from '../carbon/recorder.ts'
import { constant, wholeMeter } from '../integration/account-rig.ts'
import { InferenceServer } from './inference-server.ts'
import { RATES, scene, settings } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattledger-workloads-'))
after(() => rmSync(folder, { recursive: true }))
const { signal } = new AbortController()

function workloadsOf(configs: readonly object[]) {
  const { logger, said } = recorder()
  const workloads = createWorkloads(configs.map(settings), {
    clock: systemClock,
    logger,
    rates: () => RATES,
    embodiedUg: () => null,
    accelerators: () => ({ count: 0, embodiedShare: 0 }),
  })
  return { workloads, said }
}

async function held(): Promise<string[]> {
  await setImmediate()
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap')
}

test('a server that hangs is asked once, holds up neither start nor stop, and nothing is left of it', async () => {
  await using server = await InferenceServer.start()
  const asked = Promise.withResolvers<void>()
  server.answer = () => asked.resolve()
  const before = await held()
  const { workloads, said } = workloadsOf([{ url: server.url, preset: 'vllm', interval: '1s' }])
  await workloads.stop()
  await workloads.start(signal)
  await asked.promise
  const [request] = server.asked
  assert.ok(request)
  const closed = once(request.socket, 'close')
  request.on('error', () => {})
  await workloads.stop()
  await closed
  await workloads.stop()
  assert.deepEqual([server.asked.length, said], [1, []])
  assert.deepEqual(await held(), before)
})

test('without workloads there is nothing to do', async () => {
  const before = await held()
  const { workloads } = workloadsOf([])
  await workloads.start(AbortSignal.abort())
  workloads.settle(1n)
  assert.deepEqual(workloads.snapshots, [])
  assert.deepEqual(await held(), before)
  await workloads.stop()
})

test('the token goes with the question, stays out of the log, and is read anew', async () => {
  await using server = await InferenceServer.start()
  const token_file = join(folder, 'token')
  const one = scene([wholeMeter('ac_in', constant(500))], {
    url: server.url.replace('/metrics', ''),
    preset: 'vllm',
    token_file,
  })
  await one.look()
  assert.match(
    one.said[0]?.message ?? '',
    /^workloads: chat gives no counters .*token: the key cannot be read \(ENOENT\)$/,
  )
  writeFileSync(token_file, 'open-sesame\n', { mode: 0o600 })
  await one.look()
  assert.deepEqual(
    server.asked.map(({ url, headers }) => [url, headers.authorization]),
    [['/metrics', 'Bearer open-sesame']],
  )
  server.says('Bearer open-sesame')
  await one.look()
  assert.equal(one.shown.isUp, false)
  assert.doesNotMatch(JSON.stringify(one.said), /sesame/)
})
