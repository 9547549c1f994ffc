import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { test } from 'node:test'
import { Sealer } from '../../src/seal/sealer.ts'
import { recordingLogger } from '../ledger/setting.ts'
import { dayName, sealedLedger } from './setting.ts'

test('a ledger of which no further day is closed is not opened, and each day is sealed once it is', async (t) => {
  const { state, path, ledger, clock, write } = await sealedLedger(t)
  const logger = recordingLogger()
  const sealer = new Sealer({
    state,
    ledger: path,
    closedUntilUnixMs: () => ledger.closedUntilUnixMs,
    unixMs: () => clock.unixMs,
    version: '1.2.3',
    logger,
  })
  const newest = () => sealer.head?.day ?? null
  await sealer.start(AbortSignal.timeout(60_000))
  await sealer.seal()
  write(0, 5)
  await sealer.seal()
  assert.equal(newest(), null)
  const hidden = `${path}.hidden`
  renameSync(path, hidden)
  await sealer.seal()
  assert.equal(logger.count('seal_failed'), 0, 'a ledger that is opened would be missed')
  renameSync(hidden, path)
  write(5, 23)
  await sealer.seal()
  assert.equal(newest(), dayName(0))
  write(23, 48)
  await sealer.seal()
  assert.equal(newest(), dayName(1))
  await sealer.stop()
})
