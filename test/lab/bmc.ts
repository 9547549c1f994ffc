/**
 * A BMC for tests and benchmarks: OpenIPMI's ipmi_sim with our module. Debian: openipmi libopenipmi-dev ipmitool gcc.
 * Try it by hand with `node test/lab/bmc.ts`.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'
import {
  emulatorCommands,
  LAN_PASSWORD,
  LAN_USER,
  type LabMachine,
  type LabPorts,
  lanConf,
  sdrSource,
  TWO_SUPPLIES,
} from './machine.ts'

const START_PATIENCE_MS = 10_000
const RETRY_MS = 20
const PROGRAMS = ['ipmi_sim', 'sdrcomp', 'ipmitool', 'gcc']

/** What the module obeys: see ipmi_sim_module.c. A key that is left out keeps its value. */
export interface BmcSettings {
  readonly watts?: number
  /** DCMI's state byte; 0x40: measurement active. */
  readonly state?: number
  /** 0: DCMI is not supported. */
  readonly dcmi?: 0 | 1
  /** Completion code of the module's commands. */
  readonly completion?: number
  /** Length of their answers, to cut them short. */
  readonly length?: number
  readonly dell_wh?: number
  readonly lenovo_mj?: number
  /** Holds every answer of the serial channel back. */
  readonly delay_ms?: number
  /** 1: never answers on the serial channel. */
  readonly silent?: 0 | 1
  /** 1: rubbish and a stale answer before each answer. */
  readonly noise?: 0 | 1
}

/** Why the lab cannot run here, or false. In CI its absence is a failure, not a reason to skip. */
export function labIsMissing(): string | false {
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  if (!existsSync('/usr/include/OpenIPMI/serserv.h')) missing.push('libopenipmi-dev')
  if (missing.length === 0 || process.env.CI === 'true') return false
  return `needs ${missing.join(', ')}: apt-get install openipmi libopenipmi-dev ipmitool gcc`
}

export async function startBmc(machine: LabMachine = TWO_SUPPLIES): Promise<Bmc> {
  const directory = mkdtempSync(join(tmpdir(), 'wattledger-bmc-'))
  const ports = { vm: await freePort('tcp'), lan: await freePort('udp'), console: await freePort('tcp') }
  const bmc = new Bmc(directory, machine, ports)
  await bmc.restart()
  return bmc
}

export class Bmc implements AsyncDisposable {
  readonly vmUrl: string
  readonly lanPort: number
  readonly #directory: string
  readonly #machine: LabMachine
  readonly #ports: LabPorts
  #settings: BmcSettings = {}
  #process: ChildProcess | null = null

  constructor(directory: string, machine: LabMachine, ports: LabPorts) {
    this.#directory = directory
    this.#machine = machine
    this.#ports = ports
    this.vmUrl = `vm://127.0.0.1:${ports.vm}`
    this.lanPort = ports.lan
  }

  /** In force from the next request on. */
  set(settings: BmcSettings): void {
    this.#settings = { ...this.#settings, ...settings }
    const lines = Object.entries(this.#settings).map(([key, value]) => `${key} ${value}\n`)
    const path = join(this.#directory, 'control')
    writeFileSync(`${path}.new`, lines.join(''))
    renameSync(`${path}.new`, path)
  }

  setSensor(number: number, raw: number): Promise<void> {
    return this.command(`sensor_set_value 0x20 0 ${number} ${raw} 0`)
  }

  /** Gives the simulator commands of ipmi_sim_cmd(5), and waits for each prompt. */
  async command(...commands: readonly string[]): Promise<void> {
    const socket = connect(this.#ports.console, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    try {
      for (const [index, line] of [...commands, ''].entries()) {
        while (heard.split('> ').length - 1 <= index) await once(socket, 'data')
        socket.write(`${line}\n`)
      }
    } finally {
      socket.destroy()
    }
  }

  /** Runs the independent client against the LAN channel. */
  async ipmitool(...args: readonly string[]): Promise<string> {
    const lan = ['-I', 'lan', '-H', '127.0.0.1', '-p', `${this.lanPort}`, '-U', LAN_USER, '-P', LAN_PASSWORD]
    return (await promisify(execFile)('ipmitool', [...lan, ...args])).stdout
  }

  /** Ends the simulator in order; its ports are refused then. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Ends it as a power failure would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Starts it (again) on the same ports with the machine's first records and sensors, and the settings as they are. */
  async restart(): Promise<void> {
    await this.stop()
    this.set({})
    this.#process = this.#spawn()
    for (let waitedMs = 0; ![this.#ports.console, this.#ports.vm].every(isListening); waitedMs += RETRY_MS) {
      const log = () => readFileSync(join(this.#directory, 'log'), 'utf8')
      if (this.#process.exitCode !== null) throw new Error(`ipmi_sim ended: ${log()}`)
      if (waitedMs > START_PATIENCE_MS) throw new Error(`ipmi_sim does not start: ${log()}`)
      await new Promise((done) => setTimeout(done, RETRY_MS))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #spawn(): ChildProcess {
    const at = (name: string) => join(this.#directory, name)
    const state = at('state/ipmi_sim/lab')
    mkdirSync(state, { recursive: true })
    writeFileSync(at('lan.conf'), lanConf(builtModule(), at('control'), this.#ports))
    writeFileSync(at('bmc.emu'), emulatorCommands(this.#machine))
    writeFileSync(at('sdrs'), sdrSource(this.#machine))
    run('sdrcomp', '-o', join(state, 'sdr.20.main'), at('sdrs'))
    const log = openSync(at('log'), 'w')
    const args = ['-c', at('lan.conf'), '-f', at('bmc.emu'), '-s', at('state'), '-n']
    const process = spawn('ipmi_sim', args, { stdio: ['ignore', log, log] })
    closeSync(log)
    return process
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process
    this.#process = null
    if (process === null || process.exitCode !== null || process.signalCode !== null) return
    process.kill(signal)
    await once(process, 'exit')
  }
}

function builtModule(): string {
  const source = join(import.meta.dirname, 'ipmi_sim_module.c')
  const module = resolve(import.meta.dirname, '../../build/lab/ipmi_sim_module.so')
  if (existsSync(module) && statSync(module).mtimeMs > statSync(source).mtimeMs) return module
  mkdirSync(resolve(module, '..'), { recursive: true })
  // Linked under another name first: a test beside this one may be loading it.
  const fresh = `${module}.${process.pid}`
  run('gcc', '-shared', '-fPIC', '-O1', '-o', fresh, source)
  renameSync(fresh, module)
  return module
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`)
}

/** By what the kernel says: the serial channel takes one connection at a time, which is not ours to take. */
function isListening(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8').includes(`${address} 00000000:0000 0A`)
}

if (import.meta.main) {
  const bmc = await startBmc()
  console.log(
    `${bmc.vmUrl}\nipmitool -I lan -H 127.0.0.1 -p ${bmc.lanPort} -U ${LAN_USER} -P ${LAN_PASSWORD} dcmi power reading`,
  )
  await once(process, 'SIGINT')
  await bmc[Symbol.asyncDispose]()
}
