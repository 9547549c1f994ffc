import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that the kernel gives to whoever asks for any, so that none is given away before the program takes it. */
const [FIRST, AFTER_LAST] = [12_000, 32_000]

/** A port of 127.0.0.1 that nobody uses at the moment, for programs that cannot choose one by themselves. */
export async function freePort(protocol: 'tcp' | 'udp'): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, AFTER_LAST)
    if (await isFree(protocol, port)) return port
  }
}

async function isFree(protocol: 'tcp' | 'udp', port: number): Promise<boolean> {
  const taker =
    protocol === 'tcp' ? createServer().listen(port, '127.0.0.1') : createSocket('udp4').bind(port, '127.0.0.1')
  try {
    await once(taker, 'listening')
  } catch {
    return false
  }
  const closed = once(taker, 'close')
  taker.close()
  await closed
  return true
}
