import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommanderError } from 'commander'
import { asService } from '../../src/commands/as-service.ts'
import { EXIT_CODES } from '../../src/commands/exit-codes.ts'
import { createProgram, type Entry, type Typed } from '../../src/commands/program.ts'

/** What is obeyed of a command line, or what is said against it. */
async function outcome(...words: string[]) {
  const commands: { words: string; typed: Typed }[] = []
  const program = createProgram('1.2.3', async ({ words }: Entry, typed) => void commands.push({ words, typed }))
  let said = ''
  const write = (text: string) => {
    said += text
  }
  const listen = (command: typeof program): void => {
    command.configureOutput({ writeOut: write, writeErr: write })
    command.commands.forEach(listen)
  }
  listen(program)
  try {
    await program.parseAsync(words, { from: 'user' })
    return { obeyed: commands[0] ?? null, said, exitCode: null }
  } catch (error) {
    assert.ok(error instanceof CommanderError, String(error))
    assert.deepEqual(commands, [])
    return { obeyed: null, said, exitCode: error.exitCode }
  }
}

test('a command gets its file and its switches', async () => {
  assert.deepEqual((await outcome('carbon', 'restatements', '-c', '/a.yaml', '--all')).obeyed, {
    words: 'carbon restatements',
    typed: { file: '/a.yaml', argument: '', json: false, all: true, save: false },
  })
  assert.deepEqual((await outcome('agent')).obeyed, {
    words: 'agent',
    typed: { file: null, argument: '', json: false, all: false, save: false },
  })
})

test('the agent is understood without the parser as with it, or not at all', async () => {
  const lines = [['agent'], ['agent', '--config', '/a.yaml'], ['agent', '--config', ''], ['agent', '--config', 'a b']]
  for (const words of lines)
    assert.deepEqual(asService(words), (await outcome(...words)).obeyed?.typed, words.join(' '))
  const others = [
    [],
    ['doctor'],
    ['agent', '--config'],
    ['agent', '--config=/a.yaml'],
    ['agent', '--config', '--help'],
    ['agent', '--config', '/a.yaml', 'b'],
    ['agent', '-c', '/a.yaml'],
    ['agent', '--help'],
    ['agent', 'now'],
    ['help', 'agent'],
  ]
  for (const words of others) assert.equal(asService(words), null, words.join(' '))
})

test('a command that needs a name gets it, and no second one', async () => {
  const { obeyed } = await outcome('tenants', 'test', 'a b', '--json')
  assert.deepEqual(obeyed?.typed, { file: null, argument: 'a b', json: true, all: false, save: false })
  assert.equal((await outcome('tenants', 'test')).said, "error: missing required argument 'name'\n")
  assert.equal((await outcome('tenants', 'test', 'a', 'b')).said, "error: unexpected argument 'b'\n")
  assert.match(
    (await outcome('tenants', 'test', 'a', '--jsno')).said,
    /unknown option '--jsno' \(did you mean --json\?\)/,
  )
})

test('a command with switches and options of its own gets both', async () => {
  const { obeyed } = await outcome('inventory', '--json', '--lifetime', '6', '--renew', 'memory')
  assert.deepEqual(obeyed?.typed, {
    file: null,
    argument: '',
    json: true,
    all: false,
    save: false,
    options: { json: true, lifetime: '6', renew: 'memory' },
  })
})

test('a command that declares options of its own gets their values', async () => {
  const { obeyed } = await outcome('report', '--month', '2026-10', '--by', 'part', '--force', '-c', '/a.yaml')
  assert.deepEqual(obeyed, {
    words: 'report',
    typed: {
      file: '/a.yaml',
      argument: '',
      json: false,
      all: false,
      save: false,
      options: { month: '2026-10', by: 'part', force: true },
    },
  })
  assert.equal(
    (await outcome('report', '--fom', '2026-10-01')).said,
    "error: unknown option '--fom' (did you mean --from?)\n",
  )
  assert.equal((await outcome('report', '--from')).said, "error: option '--from <time>' argument missing\n")
  assert.equal((await outcome('report', 'october')).said, "error: unexpected argument 'october'\n")
})

test('a misspelled command or switch leads to what was meant', async () => {
  for (const [line, problem] of [
    ['docter', "error: unknown command 'docter' (did you mean doctor?)\n"],
    ['config chekc', "error: unknown command 'chekc' (did you mean check?)\n"],
    ['doctor --jsno', "error: unknown option '--jsno' (did you mean --json?)\n"],
    ['doctor --frequency', "error: unknown option '--frequency'\n"],
    ['doctor rapl', "error: unexpected argument 'rapl'\n"],
    ['config check -c', "error: option '-c, --config <file>' argument missing\n"],
  ] as const) {
    const { said, exitCode } = await outcome(...line.split(' '))
    assert.equal(said, problem, line)
    assert.notEqual(exitCode, 0, line)
  }
})

test('the help names every exit code, and each command says what it does in a sentence', async () => {
  const { said, exitCode } = await outcome('--help')
  assert.equal(exitCode, 0)
  assert.deepEqual(
    said.split('\n').filter((line) => line.length > 80),
    [],
  )
  for (const [code, meaning] of EXIT_CODES) assert.match(said, new RegExp(`^ +${code} +${meaning}$`, 'm'))
  for (const words of ['agent', 'doctor', 'inventory', 'carbon restatements', 'config check', 'config print']) {
    assert.match((await outcome(...words.split(' '), '--help')).said, /\n\n[A-Z][^.]+\.\n\nOptions:\n/, words)
  }
})
