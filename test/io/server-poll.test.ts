import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpError } from '../../src/io/http.ts'
import { ServerPoll } from '../../src/io/server-poll.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { recorder } from '../carbon/recorder.ts'

const HOUR = 3_600_000

function pollOf(ask: () => Promise<void>, random = 0.5, nowNs = () => 0n) {
  const { logger, said } = recorder()
  const poll = new ServerPoll({
    everyMs: 60_000,
    ask,
    who: 'moon',
    lapse: 'gives no tides',
    events: { failed: 'tide_fetch_failed', over: 'tide_fetched' },
    random: () => random,
    nowNs,
    logger,
  })
  const signal = new AbortController().signal
  return { poll, said, look: () => poll.refresh(signal) }
}

test('looks are apart by the interval, a tenth more or less', async () => {
  const waits = await Promise.all([0, 0.5, 1].map((random) => pollOf(async () => {}, random).look()))
  assert.deepEqual(waits, [54_000, 60_000, 66_000])
})

test('failures are said once, with waits that double to an hour; a success is said, and begins anew', async () => {
  let failure: Error | null = new Error('no tide')
  const { poll, said, look } = pollOf(async () => {
    if (failure !== null) throw failure
  })
  const waits: number[] = []
  for (let n = 0; n < 12; n++) waits.push(await look())
  assert.deepEqual(waits.slice(0, 4), [3_750, 7_500, 15_000, 30_000])
  assert.equal(waits.at(-1), 0.75 * HOUR)
  assert.equal(poll.problem, 'no tide')
  failure = null
  assert.equal(await look(), 60_000)
  assert.equal(poll.problem, null)
  failure = new Error('no moon')
  assert.equal(await look(), 3_750)
  assert.deepEqual(
    said.map(({ event, message }) => `${event}: ${message}`),
    [
      'tide_fetch_failed: moon gives no tides and will be asked again: no tide',
      'tide_fetched: moon answers again',
      'tide_fetch_failed: moon gives no tides and will be asked again: no moon',
    ],
  )
})

test('a server may ask for a longer wait, up to a day', async () => {
  for (const [askedMs, waitMs] of [
    [2 * HOUR, 2 * HOUR],
    [1_000 * HOUR, 24 * HOUR],
  ] as const) {
    const { look } = pollOf(() => Promise.reject(new HttpError('moon: HTTP 429', 429, askedMs)))
    assert.equal(await look(), waitMs + 1_875)
  }
})

test('a look that is stopped is no failure', async () => {
  const { poll, said } = pollOf(() => Promise.reject(new Error('stopped')))
  assert.equal(await poll.refresh(AbortSignal.abort()), 60_000)
  assert.deepEqual([poll.problem, said], [null, []])
})

test('a server that comes and goes is told of four times, then each hour, and as it is once it rests', async () => {
  let s = 0
  let isUp = true
  const ask = async () => {
    if (!isUp) throw new Error('no tide')
  }
  const { said, look } = pollOf(ask, 0.5, () => BigInt(s) * NS_PER_S)
  for (; s < 7_220; s += 5) {
    isUp = !isUp
    await look()
  }
  assert.deepEqual(
    said.map(({ message }) => message.replace('moon ', '')),
    [
      'gives no tides and will be asked again: no tide',
      'answers again',
      'gives no tides and will be asked again: no tide',
      'answers again',
      'gives no tides and will be asked again: no tide, after 718 more changes within 60 min',
      'gives no tides and will be asked again: no tide, after 719 more changes within 60 min',
    ],
  )
  isUp = true
  for (; s < 9_000; s += 5) await look()
  assert.match(said.at(-1)?.message ?? '', /^moon answers again$/)
})
