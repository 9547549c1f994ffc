import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import type { Report } from '../../src/commands/exec-report.ts'
import type { Host } from '../evidence/agent.ts'
import { counting, hostOfWindows, shareOf } from './agent-host.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

let host: Host
before(async () => {
  host = hostOfWindows()
  await counting(await host.start())
})
after(() => host[Symbol.asyncDispose]())

interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(words: readonly string[], configFile = host.configFile): ChildProcess {
  return spawn(process.execPath, [MAIN, 'exec', '--config', configFile, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function outcome(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  await once(child, 'close')
  return { exitCode: child.exitCode, stdout, stderr }
}

const run = (...words: readonly string[]): Promise<Outcome> => outcome(start(words))

test("the command's output and exit code pass through, and what it used is told behind it", async () => {
  const { exitCode, stdout, stderr } = await run(
    '--tag',
    'a=b',
    '--',
    'sh',
    '-c',
    // So long that a whole second of the account lies inside.
    'echo out; echo err >&2; sleep 3.1; exit 7',
  )
  assert.equal(exitCode, 7)
  assert.equal(stdout, 'out\n')
  assert.match(stderr, /^err\nsh took \d+\.\d+ s\n/)
  assert.match(stderr, /^energy {4}\d+\.?\d* J of the machine, ± \d+\.?\d* J \(95 %\)$/m)
  assert.match(stderr, /^ {2}processors +\d+\.?\d* J {2}measured$/m)
  assert.match(stderr, /^power {5}mean \d+\.?\d* W, peak of a second \d+\.?\d* W$/m)
  assert.match(stderr, /^CO2e {6}\d+\.\d+ g by location \(\d+\.?\d* g\/kWh, PUE 1\)/m)
  assert.match(stderr, /^network {3}.+; elsewhere about .+ more \(0\.059 kWh\/GB: Sustainable Web Design Model/m)
})

test('a command that cannot be run has the exit code that a shell gives it', async () => {
  const missing = await run('--', './no-such-program')
  assert.deepEqual(missing, {
    exitCode: 127,
    stdout: '',
    stderr: 'wattledger: ./no-such-program: there is no such program\n',
  })
  const barred = await run('--', '/etc/passwd')
  assert.equal(barred.exitCode, 126)
  assert.equal(barred.stderr, 'wattledger: /etc/passwd: it is not executable for this user\n')
  assert.equal((await run('--', 'sh', '-c', 'kill -KILL $$')).exitCode, 137)
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) {
  test(`${signal} reaches the command, and its end is told`, async () => {
    const name = signal.slice(3)
    const script = `trap 'exit 42' ${name}; echo ready; while :; do sleep 0.02; done`
    const child = start(['--json', '-', '--', 'sh', '-c', script])
    const ended = outcome(child)
    await once(child.stdout ?? assert.fail(), 'data')
    child.kill(signal)
    const { exitCode, stdout } = await ended
    assert.equal(exitCode, 42)
    const { runs } = JSON.parse(stdout.replace('ready\n', '')) as Report
    assert.equal(runs[0]?.exit_code, 42)
    assert.equal(runs[0]?.window?.status, 'final')
  })
}

test('options of the command are its own, with -- and without', async () => {
  for (const separator of [['--'], []]) {
    const words = ['--json', '-', ...separator, 'printf', '%s\\n', '--repeat', '-c', '--']
    const { stdout } = await run(...words)
    assert.ok(stdout.startsWith('--repeat\n-c\n--\n{'), stdout.slice(0, 80))
  }
})

test('the command has the terminal', async (t) => {
  const words = [
    process.execPath,
    MAIN,
    'exec',
    '--config',
    host.configFile,
    '--',
    'sh -c "test -t 0 && test -t 1 && echo both"',
  ]
  const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [error] = await Promise.race([once(child, 'error'), once(child, 'spawn')])
  if (error !== undefined) return t.skip('there is no script(1)')
  assert.match((await outcome(child)).stdout, /^both\r\nsh took /)
})

test('repeated runs have a mean, a deviation and an interval, above the idle machine', async () => {
  const file = join(host.root, 'report.json')
  const words = ['--repeat', '3', '--idle-baseline=1.5', '--name', 'nap', '--json', file, '--', 'sleep', '1.1']
  assert.deepEqual(await run(...words), { exitCode: 0, stdout: '', stderr: '' })
  const { runs, baseline, summary, command } = JSON.parse(readFileSync(file, 'utf8')) as Report
  assert.deepEqual(command, ['sleep', '1.1'])
  assert.equal(runs.length, 3)
  assert.equal(baseline?.name, 'nap (idle)')
  assert.equal(new Set(runs.map(({ window }) => window?.series)).size, 1)
  const energies = runs.map(({ window }) => window?.energy_j ?? 0)
  const mean = energies.reduce((sum, joules) => sum + joules, 0) / 3
  assert.ok(Math.abs((summary.energy_j?.mean ?? 0) - mean) < 1e-5)
  assert.ok((summary.energy_j?.half_width_95 ?? 0) > (summary.energy_j?.deviation ?? Number.NaN))
  // The machine draws the same while it sleeps.
  const most = 1.5 * shareOf(host, 1.1) * mean
  assert.ok(Math.abs(summary.above_idle_j?.mean ?? 1e9) < most, `${summary.above_idle_j?.mean} J of ${mean} J`)
  const [first] = runs
  const parts = Object.values(first?.above_idle_j?.parts ?? {})
  assert.ok(Math.abs(parts.reduce((sum, joules) => sum + joules, 0) - (first?.above_idle_j?.total ?? 0)) < 1e-4)
})

test('a file that is there is overwritten by nobody unasked, and figures that no file takes are told', async () => {
  const folder = mkdtempSync(join(host.root, 'reports-'))
  const file = join(folder, 'report.json')
  writeFileSync(file, 'mine')
  const { exitCode, stdout, stderr } = await run('--json', file, '--', 'echo', 'ran')
  assert.deepEqual([exitCode, stdout], [1, ''])
  assert.match(
    stderr,
    /^wattledger: --json: .+report\.json is there already: choose another name, or overwrite it with --force\n$/,
  )
  assert.equal(readFileSync(file, 'utf8'), 'mine')
  assert.equal((await run('--json', file, '--force', '--', 'echo', 'ran')).stdout, 'ran\n')
  assert.ok(JSON.parse(readFileSync(file, 'utf8')).runs)
  const nowhere = await run('--json', join(folder, 'no', 'report.json'), '--', 'echo', 'ran')
  assert.deepEqual([nowhere.exitCode, nowhere.stdout], [1, ''])
  assert.match(nowhere.stderr, /^wattledger: --json: cannot write .+: there is no folder .+no\n$/)
  const gone = await run('--json', join(folder, 'other.json'), '--', 'rm', '-r', folder)
  assert.equal(gone.exitCode, 0)
  assert.match(gone.stderr, /^wattledger: --json: cannot write .+other\.json: there is no folder .+\nrm took /)
})

test('a report of BoAmps has the energy of the run, and its task is read before the command runs', async () => {
  const task = join(host.root, 'task.yaml')
  writeFileSync(
    task,
    `task: { taskStage: inference, taskFamily: chatbot, algorithms: [{ framework: vllm }], dataset: [{ dataUsage: input, dataType: token }] }
infrastructure: { infraType: onPremise }
`,
  )
  const { exitCode, stdout } = await run('--format', 'boamps', '--task', task, '--', 'sleep', '1.1')
  assert.equal(exitCode, 0)
  const { measures, infrastructure } = JSON.parse(stdout)
  assert.ok(measures[0].powerConsumption > 0 && measures[0].measurementDuration > 1)
  assert.match(measures[0].cpuTrackingMode, /measured/)
  assert.ok(infrastructure.components.length > 0)
  writeFileSync(task, 'task: {}')
  const refused = await run('--format', 'boamps', '--task', task, '--', 'echo', 'ran')
  assert.deepEqual([refused.exitCode, refused.stdout], [2, ''])
  assert.match(refused.stderr, /task\.yaml:1:1: task\.taskStage: expected a text, received nothing$/m)
})

test('the first run that fails is the last', async () => {
  const { exitCode, stdout } = await run('--repeat', '5', '--json', '-', '--', 'false')
  assert.equal(exitCode, 1)
  assert.equal((JSON.parse(stdout) as Report).runs.length, 1)
})

test('without an agent the command is not run, and a sentence says what to do', async () => {
  await using other = hostOfWindows()
  const { exitCode, stdout, stderr } = await outcome(start(['--', 'echo', 'ran'], other.configFile))
  assert.deepEqual([exitCode, stdout], [125, ''])
  assert.match(
    stderr,
    /^wattledger: no agent answers on .+api\.sock \(ENOENT\) or .+ \(E[A-Z]+\): start it \(systemctl start wattledger\), or .+\n$/,
  )
  await using off = hostOfWindows({ windows: { socket: false } })
  const refused = await outcome(start(['--', 'echo', 'ran'], off.configFile))
  assert.deepEqual([refused.exitCode, refused.stdout], [125, ''])
  assert.match(refused.stderr, /windows\.socket is false/)
})

test('an agent that goes away meanwhile costs its figures and not the exit code', async () => {
  await using other = hostOfWindows()
  const agent = await other.start()
  const gone = join(other.root, 'gone')
  const script = `echo ready; until [ -e ${gone} ]; do sleep 0.02; done; exit 9`
  const child = start(['--', 'sh', '-c', script], other.configFile)
  const ended = outcome(child)
  await once(child.stdout ?? assert.fail(), 'data')
  await agent.kill()
  writeFileSync(gone, '')
  const { exitCode, stderr } = await ended
  assert.equal(exitCode, 9)
  assert.match(stderr, /^wattledger: the energy cannot be told: the agent on .+ does not answer: .+\n$/)
})

test('what is wrong with an option is said, and nothing is run', async () => {
  for (const [words, said] of [
    [[], /expected a command/],
    [['--repeat', '0', 'echo', 'ran'], /--repeat: expected a whole number from 1/],
    [['--idle-baseline', 'echo', 'ran'], /--idle-baseline: expected seconds .+ or -- before the command/],
    [['--tag', 'ab', 'echo', 'ran'], /--tag: expected KEY=VALUE/],
    [['--json', '', 'echo', 'ran'], /--json: expected a file/],
    [['--force', 'echo', 'ran'], /--force: expected --json FILE/],
    [['--kwh-per-gb', 'x', 'echo', 'ran'], /--kwh-per-gb: expected a number/],
    [['--jsno', 'echo', 'ran'], /unknown option '--jsno' \(did you mean --json\?\)/],
  ] as const) {
    const { exitCode, stdout, stderr } = await run(...words)
    assert.deepEqual([exitCode, stdout], [2, ''], stderr)
    assert.match(stderr, said)
  }
  const refused = await run('--tag', 'a b=c', '--', 'echo', 'ran')
  assert.deepEqual([refused.exitCode, refused.stdout], [125, ''])
  assert.match(refused.stderr, /^wattledger: the agent refuses: tags: expected names .+\. The command was not run\.\n$/)
})
