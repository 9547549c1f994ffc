import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sealDays } from '../../src/seal/seal-days.ts'
import { SealFolder } from '../../src/seal/seal-folder.ts'
import { Sealer } from '../../src/seal/sealer.ts'
import { recordingLogger } from '../ledger/setting.ts'
import { dayName, sealedLedger } from './setting.ts'

test('two that seal at once make one chain, and the second says so or finds it done', async (t) => {
  const { state, path, clock, write, verify } = await sealedLedger(t)
  write(0, 22 + 24 * 9 + 1)
  const { signal } = new AbortController()
  const both = await Promise.allSettled(
    [1, 2].map(() => sealDays({ state, ledger: path, unixMs: () => clock.unixMs, version: '1.2.3', signal })),
  )
  const results = both.map((one) => (one.status === 'fulfilled' ? one.value.length : one.reason.code))
  assert.deepEqual(results, [10, 'SEAL_BUSY'])
  const { changes, seals } = await verify()
  assert.deepEqual([changes, seals], [[], 10])
})

/** Steps that change files, of which node:fs makes each. */
const STEPS = `['openSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync', 'mkdirSync', 'linkSync',
  'open', 'write', 'writev', 'fsync', 'close']`

test('a seal that is killed wherever it may be leaves nothing half', async (t) => {
  const { state, path, clock, write, seal, verify } = await sealedLedger(t)
  write(0, 22 + 24 * 19 + 1)
  // It ends itself before a step of its own, where no signal of another process would hit it for sure.
  const killedBefore = (step: number) => `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    let left = Infinity
    for (const name of ${STEPS}) {
      const make = fs[name]
      fs[name] = (...args) => {
        if (left-- === 0) process.kill(process.pid, 'SIGKILL')
        return make(...args)
      }
    }
    syncBuiltinESMExports()
    const { sealDays } = await import('${import.meta.resolve('../../src/seal/seal-days.ts')}')
    left = ${step}
    const { signal } = new AbortController()
    await sealDays({ state: '${state}', ledger: '${path}', unixMs: () => ${clock.unixMs}, version: '1.2.3', signal })`
  for (let round = 0; round < 14; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', killedBefore(3 * round)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [, signal] = await once(child, 'exit')
    assert.equal(signal, 'SIGKILL')
    assert.deepEqual((await verify()).changes, [])
  }
  await seal()
  const { changes, head, seals } = await verify()
  assert.deepEqual([changes, head?.day, seals], [[], dayName(19), 20])
})

test('the agent seals by itself, stops within a seal, and tells of a failure once', async (t) => {
  const { state, path, clock, write, verify } = await sealedLedger(t)
  const logger = recordingLogger()
  const options = { state, ledger: path, unixMs: () => clock.unixMs, version: '1.2.3', logger }
  const sealer = new Sealer(options)
  await sealer.start(AbortSignal.timeout(60_000))
  await sealer.seal()
  const newest = () => sealer.head?.day ?? null
  assert.equal(newest(), null)
  write(0, 23)
  const unlock = new SealFolder(state).lock()
  await sealer.seal()
  await sealer.seal()
  assert.equal(logger.count('seal_failed'), 1)
  unlock()
  await sealer.seal()
  assert.equal(newest(), dayName(0))
  assert.equal(logger.count('day_sealed'), 1)
  write(23, 22 + 24 * 30 + 1)
  const sealing = sealer.seal()
  await sealer.stop()
  await sealing
  await sealer.seal()
  assert.equal(logger.count('seal_failed'), 1, 'a stop is no failure')
  assert.deepEqual((await verify()).changes, [])

  const next = new Sealer(options)
  await next.start(AbortSignal.timeout(60_000))
  assert.equal(next.head?.sha256, (await verify()).head?.sha256)
  await next.seal()
  assert.equal(next.head?.day, dayName(30))
  await next.stop()
  assert.deepEqual(
    readdirSync(join(state, 'seals')).filter((name) => name.endsWith('.draft')),
    [],
  )
  assert.match(
    readFileSync(join(state, 'seals', 'allowed_signers'), 'utf8'),
    /^wattledger namespaces="wattledger-seal" ssh-ed25519 \S+\n$/,
  )
})

test('the part that seals may be stopped before its start and twice, and starts over a broken chain', async (t) => {
  const { state, path, write, seal, clock } = await sealedLedger(t)
  write(0, 23)
  await seal()
  writeFileSync(join(state, 'seals', `${dayName(0)}.seal`), 'nonsense')
  const logger = recordingLogger()
  const sealer = new Sealer({ state, ledger: path, unixMs: () => clock.unixMs, version: '1.2.3', logger })
  await sealer.stop()
  const next = new Sealer({ state, ledger: path, unixMs: () => clock.unixMs, version: '1.2.3', logger })
  await assert.rejects(next.start(AbortSignal.abort()), { name: 'AbortError' })
  await next.start(AbortSignal.timeout(60_000))
  assert.equal(next.head, null)
  assert.equal(logger.count('seal_failed'), 1)
  assert.match(logger.lines[0]?.text ?? '', /is not a seal any more, so none can follow it: restore it from a copy/)
  await next.stop()
  await next.stop()
})
