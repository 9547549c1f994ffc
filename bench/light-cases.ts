/** The machines on which `light.ts` runs agents, and the peers beside them. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Host } from '../test/evidence/agent.ts'
import { bare } from '../test/evidence/bare.ts'
import type { Machine } from '../test/fixtures/machines/machine.ts'
import { xeon2s } from '../test/fixtures/machines/rapl.ts'
import { NvmlMachine } from '../test/fixtures/nvml/machine.ts'
import { labIsMissing, startBmc } from '../test/lab/bmc.ts'
import { freePort } from '../test/lab/free-port.ts'

/** A process that is measured, and where it is scraped. */
export interface Running extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly startMs: number
}

const GPUS = 8
const GROUPS = 100
/** One in so many groups works, as far as anybody can see. */
const BUSY_EACH = 5
const WORK_MS = 1_000

const { 'sys/class/powercap/intel-rapl:1': _psys, ...FOUR_CHANNELS } = { ...bare, ...xeon2s } as Machine

/** As the packages' script starts it. */
export async function startDefaults(name: string, program: readonly string[]): Promise<Running> {
  const { host, end } = hostOf()
  return runningOn(host, name, program, end)
}

export async function startAccelerated(name: string, program: readonly string[]): Promise<Running> {
  const gpus = await NvmlMachine.create({ control: [`gpus ${GPUS}`, 'gpu * rate-mw 300000'] })
  const bmc = labIsMissing() ? null : await startBmc()
  const ipmi = bmc ? { device: bmc.vmUrl } : { enabled: false }
  const { host, end } = hostOf({ nvml: { library: gpus.library }, ipmi })
  return runningOn(host, `${name}, 8 GPUs${bmc ? ', BMC' : ''}`, program, async () => {
    end()
    gpus[Symbol.dispose]()
    await bmc?.[Symbol.asyncDispose]()
  })
}

export async function startGrouped(name: string, program: readonly string[]): Promise<Running> {
  const { host, end } = hostOf()
  const root = join(host.root, 'sys/fs/cgroup')
  const groups = Array.from({ length: GROUPS }, (_, n) => join(root, 'system.slice', `unit-${n}.service`))
  let usedUs = 0
  const use = (group: string) => writeFileSync(join(group, 'cpu.stat'), `usage_usec ${usedUs}\n`)
  for (const group of [root, join(root, 'system.slice'), ...groups]) {
    mkdirSync(group, { recursive: true })
    writeFileSync(join(group, 'memory.current'), '104857600\n')
    use(group)
  }
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory\n')
  const working = setInterval(() => {
    usedUs += 10_000
    for (const [n, group] of [root, ...groups].entries()) if (n % BUSY_EACH === 0) use(group)
  }, WORK_MS)
  return runningOn(host, `${name}, ${GROUPS} cgroups`, program, () => {
    clearInterval(working)
    end()
  })
}

/** Debian's, with the collector of RAPL alone: what reads the same files. Null where it is not installed. */
export async function startExporter(): Promise<Running | null> {
  const host = new Host(FOUR_CHANNELS)
  const port = await freePort('tcp')
  const startedMs = performance.now()
  const process = spawn('prometheus-node-exporter', [
    '--collector.disable-defaults',
    '--collector.rapl',
    `--path.sysfs=${join(host.root, 'sys')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ])
  const { pid } = process
  if (pid === undefined) {
    process.once('error', () => {})
    await host[Symbol.asyncDispose]()
    return null
  }
  const url = `http://127.0.0.1:${port}/metrics`
  await answering(url)
  return {
    name: 'node_exporter, RAPL',
    pid,
    url,
    startMs: performance.now() - startedMs,
    async [Symbol.asyncDispose]() {
      process.kill()
      await host[Symbol.asyncDispose]()
    },
  }
}

/**
 * The machine's files are in memory, as sysfs and procfs are: on a disk each read of one that changed writes when it was
 * read. The state is on a disk, where there is one.
 */
function hostOf(sensors: object = {}): { readonly host: Host; readonly end: () => void } {
  const state = mkdtempSync(join(tmpdir(), 'bench-state-'))
  const config = { ledger: { flush: undefined }, log: { level: 'info' }, paths: { state }, sensors }
  const host = new Host(FOUR_CHANNELS, config, undefined, existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
  return { host, end: () => rmSync(state, { recursive: true, force: true }) }
}

async function runningOn(
  host: Host,
  name: string,
  program: readonly string[],
  end: () => void | Promise<void>,
): Promise<Running> {
  const startedMs = performance.now()
  const agent = await host.start(program)
  const url = `${agent.address}/metrics`
  await answering(url)
  return {
    name,
    pid: agent.process.pid ?? 0,
    url,
    startMs: performance.now() - startedMs,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await end()
    },
  }
}

async function answering(url: string): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(url)
      await response.text()
      if (response.ok) return
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
