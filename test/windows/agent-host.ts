import assert from 'node:assert/strict'
import { request } from 'node:http'
import { join } from 'node:path'
import { type Agent, Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'

/** Registers that are late only where the machine of the test is busy. */
const LOAD = { joulesAt: (unixMs: number) => 0.04 * unixMs, everyMs: 10 }

/** A machine with two sockets of 40 W and their memory, all read by RAPL, and no meter of the whole. */
export function hostOfWindows(config: Record<string, Record<string, unknown>> = {}): Host {
  const { 'sys/class/powercap/intel-rapl:1': _psys, ...machine } = { ...bare, ...xeon2s }
  return new Host(machine, config, LOAD)
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: the answers are held against their schema
  readonly body: any
}

/** One request on a connection of its own. */
export function ask(
  at: string | { readonly host: string; readonly port: number },
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const to = typeof at === 'string' ? { socketPath: at } : at
  const length = text === '' ? {} : { 'content-length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, method, path, agent: false, headers: { ...length, ...headers } }, (answer) => {
      let received = ''
      answer.on('data', (chunk: Buffer) => {
        received += chunk
      })
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: received === '' ? null : JSON.parse(received),
        }),
      )
    })
    asked.on('error', reject)
    asked.end(text)
  })
}

export const socketOf = (host: Host): string => join(host.state, 'api.sock')

/** The window once all of its energy is known, which takes a busy machine a while. */
export async function finalOf(socket: string, id: string): Promise<Answer> {
  for (;;) {
    const answer = await ask(socket, 'GET', `/v1/windows/${id}?wait_s=12`)
    assert.equal(answer.status, 200)
    if (answer.body.status === 'final') return answer
  }
}

/** The share of an energy that registers, which were late at its edges, may be off; a tenth at the least. */
export const shareOf = ({ lateMs }: Host, seconds: number): number => Math.max(0.1, (2 * lateMs) / 1e3 / seconds)

/** Resolves when the agent has counted energy. */
export async function counting(agent: Agent): Promise<void> {
  await agent.scrapeUntil((samples) => (samples.get('wattledger_node_power_watts') ?? 0) > 0)
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
