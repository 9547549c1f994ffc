import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonLogger } from '../../src/commands/json-log.ts'
import { keepSecret } from '../../src/model/secrets.ts'

/** A logger, and what it has written: a line each. */
function logging(level: 'debug' | 'info' | 'warn' | 'error' = 'debug') {
  const written: string[] = []
  const logger = new JsonLogger(level, { write: (text: string | Uint8Array) => written.push(String(text)) > 0 })
  return { logger, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>), written }
}

test('a message is one line: its level, when it was, what it is about, and its text', () => {
  const { logger, lines, written } = logging()
  logger.debug({ event: 'a' }, 'one')
  logger.info({ event: 'b', at: new Date(0), none: undefined, uj: 5n }, 'two\nlines "quoted"')
  logger.warn({ event: 'c', err: 'text' }, '%s')
  logger.error({ event: 'd', list: [1, null] }, '')
  const [first, second, third, fourth] = lines().map(({ time, ...rest }) => {
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
    return rest
  })
  assert.deepEqual(first, { level: 20, event: 'a', message: 'one' })
  assert.deepEqual(second, { level: 30, event: 'b', at: new Date(0).toJSON(), uj: 5, message: 'two\nlines "quoted"' })
  assert.deepEqual(third, { level: 40, event: 'c', err: 'text', message: '%s' })
  assert.deepEqual(fourth, { level: 50, event: 'd', list: [1, null], message: '' })
  assert.ok(written.every((line) => line.indexOf('\n') === line.length - 1))
})

test('what is below its level is not said, and the level can change', () => {
  const { logger, lines } = logging('warn')
  logger.info({ event: 'a' }, '')
  logger.warn({ event: 'b' }, '')
  logger.level = 'info'
  logger.info({ event: 'c' }, '')
  logger.debug({ event: 'd' }, '')
  assert.deepEqual(
    lines().map(({ event }) => event),
    ['b', 'c'],
  )
})

test('an error is said with its code and all that it came from', () => {
  const { logger, lines } = logging()
  const refused = Object.assign(new AggregateError([new Error('refused')]), { code: 'ECONNREFUSED' })
  logger.error({ event: 'a', err: new RangeError('no answer', { cause: refused }) }, '')
  logger.error({ event: 'b', err: refused }, '')
  const [one, other] = lines().map(({ err }) => err as Record<string, string>)
  assert.deepEqual([one?.type, one?.message], ['RangeError', 'no answer: refused'])
  assert.match(
    one?.stack ?? '',
    /^RangeError: no answer\n {4}at [\s\S]*\ncaused by: AggregateError[\s\S]*\ncaused by: Error: refused\n/,
  )
  assert.deepEqual([other?.type, other?.message, other?.code], ['AggregateError', 'refused', 'ECONNREFUSED'])
})

test('what cannot be said does not keep it from the rest', () => {
  const { logger, lines } = logging()
  const round: { event: string; self?: unknown } = { event: 'a' }
  round.self = round
  logger.info(round, 'said')
  const endless = new Error('endless')
  endless.cause = endless
  logger.info({ event: 'b', err: endless }, 'said')
  assert.deepEqual(
    lines().map(({ event, message, unsaid }) => [event, message, typeof unsaid]),
    [
      ['a', 'said', 'string'],
      ['b', 'said', 'string'],
    ],
  )
})

test('a secret is said nowhere', () => {
  keepSecret('open-sesame-4711')
  const { logger, written } = logging()
  logger.warn({ event: 'a', url: 'https://me:open@host/', err: new Error('with open-sesame-4711') }, 'open-sesame-4711')
  assert.doesNotMatch(written.join(''), /sesame|me:open/)
})
