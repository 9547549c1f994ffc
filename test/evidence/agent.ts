import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { stringify } from 'yaml'
import { type Machine, writeMachine } from '../fixtures/machines/machine.ts'

const sources: readonly string[] = [resolve(import.meta.dirname, '../../src/main.ts')]

export interface LogLine {
  readonly event?: string
  readonly message?: string
  readonly [key: string]: unknown
}

const LIFE_MS = 100
/** 40 W. */
const ENERGY_UJ = 4_000_000n

/** In place, so that a reader's kept descriptor sees it, and round the register's end as in hardware. */
function advance(file: string): void {
  const rangeFile = join(dirname(file), 'max_energy_range_uj')
  // A test may have put something else in their place.
  if (!statSync(file).isFile() || !statSync(rangeFile).isFile()) return
  const rangeUj = BigInt(readFileSync(rangeFile, 'utf8'))
  const energyUj = (BigInt(readFileSync(file, 'utf8')) + ENERGY_UJ) % (rangeUj + 1n)
  const text = `${energyUj}`.padEnd(`${rangeUj}`.length)
  writeFileSync(file, `${text}\n`, { flag: 'r+' })
}

/** A tenth of a second of one busy and one idle CPU, in USER_HZ. */
function tickCpu(file: string): void {
  const text = readFileSync(file, 'utf8')
  const busy = (match: string, user: string, rest: string, idle: string) =>
    match && `cpu  ${Number(user) + 10} ${rest} ${Number(idle) + 10}`
  writeFileSync(file, text.replace(/^cpu {2}(\d+) (\d+ \d+) (\d+)/, busy), { flag: 'r+' })
}

/** A machine in a folder of its own, on which agents are started one after another. */
export class Host implements AsyncDisposable {
  readonly root: string
  readonly state: string
  readonly configFile: string
  readonly #life: NodeJS.Timeout
  #agent: Agent | null = null

  /**
   * RAPL registers and CPU times advance while it exists.
   * @param config on top of: this machine's roots, a port of the kernel's choice, JSON logs, no NVML and no BMC
   */
  constructor(machine: Machine, config: Record<string, Record<string, unknown>> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'wattledger-host-'))
    this.state = join(this.root, 'state')
    this.configFile = join(this.root, 'wattledger.yaml')
    writeMachine(this.root, machine)
    const { paths, sensors, web, log, ledger, ...rest } = config
    writeFileSync(
      this.configFile,
      stringify({
        paths: { sysfs: join(this.root, 'sys'), procfs: join(this.root, 'proc'), state: this.state, ...paths },
        sensors: { nvml: { enabled: false }, ipmi: { enabled: false }, ...sensors },
        ledger: { flush: '1s', ...ledger },
        web: { listen: '127.0.0.1:0', ...web },
        log: { level: 'debug', format: 'json', ...log },
        ...rest,
      }),
    )
    const registers = globSync('sys/devices/virtual/powercap/**/energy_uj', { cwd: this.root })
    this.#life = setInterval(() => {
      for (const file of registers) advance(join(this.root, file))
      tickCpu(join(this.root, 'proc/stat'))
    }, LIFE_MS)
  }

  get ledger(): string {
    return join(this.state, 'ledger.db')
  }

  async start(program = sources): Promise<Agent> {
    const agent = this.launch(program)
    await agent.ready()
    return agent
  }

  /** Without waiting for it to be ready. `program`: arguments of Node up to the program's own. */
  launch(program = sources): Agent {
    this.#agent = new Agent(program, this.configFile)
    return this.#agent
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#life)
    await this.#agent?.kill()
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** One agent process. */
export class Agent {
  readonly process: ChildProcess
  readonly log: LogLine[] = []
  stderr = ''
  #address = ''
  readonly #waiting = new Set<() => void>()

  constructor(program: readonly string[], configFile: string) {
    const args = [...program, 'agent', '--config', configFile]
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk
    })
    if (this.process.stdout) {
      createInterface(this.process.stdout).on('line', (line) => {
        this.log.push(JSON.parse(line) as LogLine)
        for (const wake of this.#waiting) wake()
      })
    }
    this.process.on('exit', () => {
      for (const wake of this.#waiting) wake()
    })
  }

  /** The first line, past or future, that fits. */
  async logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const line = this.log.find(matches)
      if (line !== undefined) return line
      assert.equal(this.process.exitCode, null, `the agent exited early: ${this.stderr}`)
      assert.equal(this.process.signalCode, null, 'the agent was killed early')
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
  }

  async ready(): Promise<string> {
    const line = await this.logged(({ event }) => event === 'ready')
    this.#address = String(line.address).replace(/\/$/, '')
    return this.#address
  }

  async get(path: string, accept = 'text/plain'): Promise<string> {
    const response = await fetch(`${this.#address}${path}`, { headers: { accept } })
    return response.text()
  }

  /** Samples of one scrape: `name{labels}` → value. */
  async scrape(): Promise<Map<string, number>> {
    const samples = new Map<string, number>()
    for (const line of (await this.get('/metrics')).split('\n')) {
      const match = /^([^#\s]\S*(?:\{.*\})?) (\S+)$/.exec(line)
      if (match?.[1] !== undefined) samples.set(match[1], Number(match[2]))
    }
    return samples
  }

  /** Scrapes until the samples fit, or fails with the last ones. */
  async scrapeUntil(
    fits: (samples: Map<string, number>) => boolean,
    patienceMs = 30_000,
  ): Promise<Map<string, number>> {
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const samples = await this.scrape()
      if (fits(samples)) return samples
      if (performance.now() > untilMs) assert.fail(`in vain waited for ${fits}:\n${[...samples].join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal)
      await once(this.process, 'exit')
    }
    return this.process.exitCode
  }

  kill(): Promise<number | null> {
    return this.stop('SIGKILL')
  }
}

/** Sum of all samples of a metric, whatever their labels. */
export function sumOf(samples: ReadonlyMap<string, number>, metric: string): number {
  let sum = 0
  for (const [name, value] of samples) if (name === metric || name.startsWith(`${metric}{`)) sum += value
  return sum
}

/** What SQLite says of the ledger's structure: `ok`. */
export function integrityOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  try {
    return db.pragma('integrity_check', { simple: true })
  } finally {
    db.close()
  }
}
