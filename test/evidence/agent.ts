import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  globSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
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

/** What each RAPL register counts, by the time of the wall clock. */
export interface Load {
  readonly joulesAt: (unixMs: number) => number
  /** A register shows its count of then. */
  readonly everyMs: number
}

const LIFE_MS = 100
const STEADY: Load = { joulesAt: (unixMs) => 0.04 * unixMs, everyMs: LIFE_MS }

/** A register in its file: written in place, so that a reader's kept descriptor sees it, and round its end as in hardware. */
class Register implements Disposable {
  readonly #file: number
  /** Counts on, and cannot be read. */
  isLost = false
  readonly #fromUj: bigint
  readonly #rangeUj: bigint

  constructor(file: string) {
    this.#rangeUj = BigInt(readFileSync(join(dirname(file), 'max_energy_range_uj'), 'utf8'))
    this.#fromUj = BigInt(readFileSync(file, 'utf8'))
    this.#file = openSync(file, 'r+')
  }

  show(joules: number): void {
    const energyUj = (this.#fromUj + BigInt(Math.round(joules * 1e6))) % (this.#rangeUj + 1n)
    if (this.isLost) ftruncateSync(this.#file, 0)
    else writeSync(this.#file, `${`${energyUj}`.padEnd(`${this.#rangeUj}`.length)}\n`, 0)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
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
  /** In memory, as the service's. */
  readonly runtime: string
  readonly configFile: string
  /** By how much a register was ever late: what a busy machine does to the test itself. */
  lateMs = 0
  readonly #beganUnixMs = wallMs()
  readonly #load: Load
  readonly #registers: ReadonlyMap<string, Register>
  readonly #lives: readonly NodeJS.Timeout[]
  #agent: Agent | null = null

  /**
   * RAPL registers and CPU times advance while it exists; a register that stands at 0 is dead.
   * @param config on top of: this machine's roots, a port of the kernel's choice, JSON logs, no NVML, no BMC and no HSMP
   * @param folder that its own is made in
   */
  constructor(machine: Machine, config: Readonly<Record<string, object>> = {}, load = STEADY, folder = tmpdir()) {
    this.root = mkdtempSync(join(folder, 'wattledger-host-'))
    this.state = join(this.root, 'state')
    this.runtime = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wattledger-run-'))
    this.configFile = join(this.root, 'wattledger.yaml')
    writeMachine(this.root, machine)
    const { paths, sensors, web, log, ledger, ...rest } = config
    writeFileSync(
      this.configFile,
      stringify({
        paths: {
          sysfs: join(this.root, 'sys'),
          procfs: join(this.root, 'proc'),
          cgroupfs: join(this.root, 'sys/fs/cgroup'),
          state: this.state,
          runtime: this.runtime,
          ...paths,
        },
        sensors: { nvml: { enabled: false }, ipmi: { enabled: false }, hsmp: { enabled: false }, ...sensors },
        ledger: { flush: '1s', ...ledger },
        web: { listen: '127.0.0.1:0', ...web },
        log: { level: 'debug', format: 'json', ...log },
        ...rest,
      }),
    )
    const files = globSync('sys/devices/virtual/powercap/**/energy_uj', { cwd: this.root })
    const isAlive = (file: string) => readFileSync(join(this.root, file), 'utf8') !== '0\n'
    this.#registers = new Map(
      files.filter(isAlive).map((file) => [basename(dirname(file)), new Register(join(this.root, file))]),
    )
    this.#load = load
    let shownMs = this.#beganUnixMs
    const show = () => {
      const nowMs = wallMs()
      this.lateMs = Math.max(this.lateMs, nowMs - shownMs)
      shownMs = nowMs
      const joules = this.joulesAt(nowMs)
      for (const register of this.#registers.values()) register.show(joules)
    }
    const tick = () => tickCpu(join(this.root, 'proc/stat'))
    this.#lives = [setInterval(show, load.everyMs), setInterval(tick, LIFE_MS)]
  }

  /** What each register has counted from the beginning of the host to a time of the wall clock. */
  joulesAt(unixMs: number): number {
    return this.#load.joulesAt(unixMs) - this.#load.joulesAt(this.#beganUnixMs)
  }

  /** From now on a zone of powercap, such as `intel-rapl:1`, cannot be read; or can be again. */
  lose(zone: string, isLost = true): void {
    const register = this.#registers.get(zone)
    assert.ok(register, `no ${zone}`)
    register.isLost = isLost
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
    for (const life of this.#lives) clearInterval(life)
    await this.#agent?.kill()
    for (const register of this.#registers.values()) register[Symbol.dispose]()
    for (const folder of [this.root, this.runtime]) rmSync(folder, { recursive: true, force: true })
  }
}

/** Wall time finer than by the millisecond. */
const wallMs = (): number => performance.timeOrigin + performance.now()

/** One agent process. */
export class Agent {
  readonly process: ChildProcess
  readonly log: LogLine[] = []
  stderr = ''
  address = ''
  /** Its exit code, once it has ended and all that it said was heard. */
  readonly ended: Promise<number | null>
  #isOver = false
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
    const { promise, resolve } = Promise.withResolvers<number | null>()
    this.ended = promise
    this.process.on('close', (code) => {
      this.#isOver = true
      resolve(code)
      for (const wake of this.#waiting) wake()
    })
  }

  /** The first line, past or future, that fits. */
  async logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const line = this.log.find(matches)
      if (line !== undefined) return line
      assert.ok(!this.#isOver, `the agent ended early: ${this.stderr}`)
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
    this.address = String(line.address).replace(/\/$/, '')
    return this.address
  }

  async get(path: string, accept = 'text/plain'): Promise<string> {
    // On a connection of its own: one that is kept may just be given up as the next question comes.
    const response = await fetch(`${this.address}${path}`, { headers: { accept, connection: 'close' } })
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
    patienceMs = 90_000,
  ): Promise<Map<string, number>> {
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const samples = await this.scrape()
      if (fits(samples)) return samples
      if (performance.now() > untilMs) assert.fail(`in vain waited for ${fits}:\n${[...samples].join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.process.kill(signal)
    return this.ended
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
