import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import information from 'systeminformation'
import type { Host } from './host.ts'
import { fullyNamed } from './machine-parts.ts'
import { gibOfBytes } from './memory.ts'

/** Where a system keeps its own programs. */
export const SYSTEM_FOLDERS: readonly string[] = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * All that may be started, beside the shell. systeminformation would also start smartctl, which wakes disks, and nvidia-smi and
 * clinfo, which wake GPUs, for figures that nobody needs here.
 */
const TOOLS: readonly string[] = ['cat', 'grep', 'dmidecode', 'lsblk', 'lspci']

/** Of one question. The unit gives all of them together 5 s. */
const ANSWER_MS = 2_000

export interface ToolsOptions {
  readonly folders: readonly string[]
  readonly answerMs?: number
}

/** What the system's tools know beyond what is seen: modules where there is no table, and names. A tool that is missing adds nothing. */
export async function askTools(host: Host, { folders, answerMs = ANSWER_MS }: ToolsOptions): Promise<Host> {
  const within = <T>(answer: Promise<T>): Promise<T | null> =>
    Promise.race([answer.catch(() => null), setTimeout(answerMs, null, { ref: false })])
  return await withTools(folders, async () => {
    const [modules, disks, graphics] = await Promise.all([
      host.dimmsGib === null ? within(information.memLayout()) : null,
      host.disks.length > 0 ? within(information.diskLayout()) : null,
      host.gpus.length > 0 ? within(information.graphics()) : null,
    ])
    const names = (disks ?? []).map(({ name, size }) => ({ name, gb: size / 1e9 }))
    const controllers = graphics?.controllers ?? []
    return {
      ...host,
      dimmsGib: host.dimmsGib ?? modulesGib(modules ?? []),
      disks: host.disks.map((disk) => fullyNamed(disk, names)),
      gpus: host.gpus.map((gpu) => {
        const same = controllers.find(({ busAddress }) => [busAddress, `0000:${busAddress}`].includes(gpu.address))
        return same === undefined ? gpu : { ...gpu, name: `${same.vendor} ${same.model}`.trim() || null }
      }),
    }
  })
}

/** Without dmidecode one module is made up, of the memory that the kernel has and of no type; flash is no memory chip. */
function modulesGib(modules: readonly { readonly size: number; readonly type: string }[]): number[] | null {
  const sizes = modules.filter(({ size, type }) => size > 0 && type !== '' && !/flash|non-volatile/i.test(type))
  return sizes.length > 0 ? sizes.map(({ size }) => gibOfBytes(size)) : null
}

/** Runs with a search path of the tools alone. */
async function withTools<T>(folders: readonly string[], run: () => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'wattledger-tools-'))
  const before = process.env.PATH
  try {
    for (const tool of TOOLS) {
      const folder = folders.find((one) => existsSync(join(one, tool)))
      if (folder !== undefined) symlinkSync(join(folder, tool), join(path, tool))
    }
    process.env.PATH = path
    return await run()
  } finally {
    if (before === undefined) delete process.env.PATH
    else process.env.PATH = before
    rmSync(path, { recursive: true })
  }
}
