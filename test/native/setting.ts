import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type NativePoller, type NativeReader, native } from '../../src/native/addon.ts'

export const ADDON = resolve(import.meta.dirname, '../../build/Release/wattledger.node')
export const HOUR_NS = 3_600_000_000_000n
/** As long as `stop()` waits at most. */
export const MINUTE_NS = 60_000_000_000n

export const root = mkdtempSync(join(tmpdir(), 'wattledger-native-'))
export const path = join(root, 'energy_uj')
writeFileSync(path, '123456\n')
export const FILES: NativeReader = { type: 'files', paths: [path] }

const sockets = new Set<Socket>()
const silent = createServer((socket) => sockets.add(socket.on('error', () => {})))
silent.listen(0, '127.0.0.1')
await once(silent, 'listening')
const address = silent.address()

/** A BMC that takes every connection and never says a word: opening hangs until it is stopped. */
export const SILENT = {
  type: 'ipmi-scan',
  path: '',
  host: '127.0.0.1',
  port: typeof address === 'object' && address !== null ? address.port : 0,
  deadlineNs: 60_000_000_000n,
  knownStamp: '',
} as const satisfies NativeReader

/** Closes our ends of the connections to the silent BMC. */
export function hangUp(): void {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
}

after(() => {
  hangUp()
  silent.close()
  rmSync(root, { recursive: true })
})

export function makePoller(
  options: { reader?: NativeReader; intervalNs?: bigint; capacity?: number; onSignal?: () => void } = {},
): NativePoller {
  const { reader = FILES, intervalNs = HOUR_NS, capacity = 4, onSignal = () => {} } = options
  return new native.Poller({ ...reader, intervalNs, capacity }, onSignal)
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}

/** Resolves when this process has no more threads and descriptors than `before`. */
export async function untilNoMoreThan(before: ReturnType<typeof resources>): Promise<void> {
  await until(() => {
    collectGarbage()
    hangUp()
    const now = resources()
    return now.threads <= before.threads && now.descriptors <= before.descriptors
  })
}

export function resources(): { readonly threads: number; readonly descriptors: number } {
  return { threads: readdirSync('/proc/self/task').length, descriptors: readdirSync('/proc/self/fd').length }
}

export const phaseOf = (poller: NativePoller): string => poller.state().phase

setFlagsFromString('--expose-gc')
export const collectGarbage: () => void = runInNewContext('gc')
