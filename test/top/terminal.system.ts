import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Answering } from './answering.ts'
import { MACHINES } from './machines.ts'
import { TerminalProgram } from './terminal.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const { SIGINT, SIGTERM, SIGHUP, SIGUSR2 } = constants.signals

async function shown(t: TestContext, options: ConstructorParameters<typeof TerminalProgram>[2] = {}) {
  const agent = new Answering()
  const url = await agent.start(t)
  const program = new TerminalProgram(t, [MAIN, 'top', '--url', url, '--interval', '0.5'], options)
  // Down to its last line: a terminal takes a screen in pieces.
  await program.until(({ text }) => text.includes('processors') && /^q quit/m.test(text))
  return { agent, program }
}

test('on a terminal it is live: it follows the size, the keys and an agent that goes away and comes back', async (t) => {
  const { agent, program } = await shown(t)
  const { screen } = program
  assert.deepEqual([screen.isAlternate, screen.hasCursor, screen.wraps], [true, false, false])
  assert.match(screen.lines[0] ?? '', /^wattledger db-17 {40,}12:00:00 UTC {2}healthy$/)
  assert.match(screen.lines[1] ?? '', /^412 W ±8\.65 W, 95 % {2}measured 90, derived 6, estimated 4 % +█$/)
  assert.match(screen.lines[23] ?? '', /^q quit {2}t tenants .*1-5 of 5$/)

  program.resize(40, 10)
  await program.until(
    ({ lines }) =>
      /^wattledger db-17 {8}12:00:00 healthy$/.test(lines[0] ?? '') && (lines[9] ?? '').startsWith('service evil'),
  )
  assert.equal(screen.lines.length, 10)
  program.resize(120, 40)
  await program.until(({ lines }) => /1-5 of 5$/.test(lines[39] ?? ''))

  program.press('t')
  await program.until(({ text }) => /^TENANT +WATTS/m.test(text) && /^shop +201/m.test(text))
  agent.moment = { ...MACHINES.crowd, time: '2026-11-28T12:00:02Z' }
  program.press('c')
  program.resize(80, 24)
  await program.until(({ lines }) => /1-12 of 200$/.test(lines[23] ?? ''))
  program.press('\u001b[B\u001b[B')
  await program.until(({ lines, text }) => /3-14 of 200$/.test(lines[23] ?? '') && /^container worker-2-of/m.test(text))
  program.press('\u001b[6~'.repeat(9))
  await program.until(({ text }) => text.includes('and 150 more') && text.includes('40-50 of 200'))

  await agent.stop()
  const refused = /^127\.0\.0\.1:\d+: it refuses the connection \(ECONNREFUSED\) \(figures of/
  await program.until(
    ({ lines, text }) =>
      /no answer$/.test(lines[0] ?? '') && refused.test(lines[1] ?? '') && /^processors +309/m.test(text),
  )
  await agent.start(t)
  await program.until(({ lines }) => /healthy$/.test(lines[0] ?? ''))

  program.press('q')
  assert.deepEqual(await program.ended, { exit: 0, restored: true })
  assert.deepEqual([screen.isAlternate, screen.hasCursor, screen.wraps, screen.shell], [false, true, true, ''])
})

for (const [way, end, exit] of [
  ['Ctrl-C', (program: TerminalProgram) => program.press('\u0003'), 0],
  ['SIGINT', (program: TerminalProgram) => program.signal(SIGINT), 0],
  ['SIGTERM', (program: TerminalProgram) => program.signal(SIGTERM), 0],
  ['SIGHUP', (program: TerminalProgram) => program.signal(SIGHUP), 1],
] as const) {
  test(`the terminal is as before after ${way}`, async (t) => {
    const { program } = await shown(t)
    end(program)
    assert.deepEqual(await program.ended, { exit, restored: true })
    const { isAlternate, hasCursor, wraps, shell } = program.screen
    assert.deepEqual([isAlternate, hasCursor, wraps, shell], [false, true, true, ''])
  })
}

test('the terminal is as before after a crash, whose reason stands on it', async (t) => {
  const crash = 'process.on("SIGUSR2", () => { throw new Error("on purpose") })'
  const { program } = await shown(t, {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` },
  })
  program.signal(SIGUSR2)
  const { exit, restored } = await program.ended
  assert.ok(exit !== 0)
  assert.ok(restored)
  assert.deepEqual([program.screen.isAlternate, program.screen.hasCursor], [false, true])
  assert.match(program.screen.shell, /Error: on purpose/)
})

test('a terminal that goes away ends it', async (t) => {
  const { program } = await shown(t)
  program.hangUp()
  assert.equal((await program.ended).exit, 1)
})

test('NO_COLOR and a locale without UTF-8 are respected', async (t) => {
  const colours = (program: TerminalProgram) => new Set(program.screen.cells.flat().map(({ sgr }) => sgr))
  const { program: plain } = await shown(t, { env: { NO_COLOR: '1', LC_ALL: 'C' } })
  assert.deepEqual(colours(plain), new Set(['']))
  assert.match(plain.screen.text, /^412 W \+-8\.65 W, 95 %/m)
  assert.match(plain.screen.text, /^[ -~\n]+$/)
  plain.press('q')
  const { program } = await shown(t)
  assert.ok(colours(program).has('33'), 'what is estimated has a colour of its own')
  program.press('q')
  assert.equal((await program.ended).exit, 0)
})
