import { readFileSync } from 'node:fs'
import { Agent as Connections, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { counting, hostOfWindows, socketOf } from '../test/windows/agent-host.ts'
import type { BenchRow } from './row.ts'

const MEASURED_MS = 20_000
const CLIENTS = 10
/** Of a request that a service answers. */
const REQUEST_MS = 80

/** A service that measures each of its requests, about a hundred a second. */
export async function windowsRows(): Promise<BenchRow[]> {
  await using host = hostOfWindows({ ledger: { flush: '10s' }, log: { level: 'info' } })
  const agent = await host.start()
  await counting(agent)
  const connections = new Connections({ keepAlive: true, maxSockets: CLIENTS })
  const post = (path: string, body: object) =>
    new Promise<{ readonly id: string }>((resolve, reject) => {
      const text = JSON.stringify(body)
      const headers = { 'content-length': Buffer.byteLength(text) }
      const options = { socketPath: socketOf(host), path, method: 'POST', headers, agent: connections }
      const asked = request(options, async (answer) =>
        resolve(JSON.parse(Buffer.concat(await answer.toArray()).toString())),
      )
      asked.on('error', reject)
      asked.end(text)
    })
  const begins: number[] = []
  const beganS = cpuSeconds(agent.process.pid)
  const beganMs = performance.now()
  const client = async () => {
    while (performance.now() - beganMs < MEASURED_MS) {
      const askedMs = performance.now()
      const { id } = await post('/v1/windows', { name: 'request', tags: { path: '/' } })
      begins.push(performance.now() - askedMs)
      await setTimeout(REQUEST_MS)
      await post(`/v1/windows/${id}/end`, { wait_s: 0 })
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const perWindowMs = ((cpuSeconds(agent.process.pid) - beganS) / begins.length) * 1e3
  const perS = begins.length / ((performance.now() - beganMs) / 1e3)
  connections.destroy()
  begins.sort((a, b) => a - b)
  const [median = 0, slow = 0] = [0.5, 0.99].map((share) => begins[Math.floor(share * begins.length)])
  return [
    {
      name: `windows, CPU of one, at ${perS.toFixed(0)} a second`,
      figure: `${perWindowMs.toFixed(2)} ms`,
      aim: 'below 2 ms',
    },
    {
      name: 'windows, to begin one: median, 99 of 100',
      figure: `${median.toFixed(1)}, ${slow.toFixed(1)} ms`,
      aim: 'below 5, 100 ms',
    },
  ]
}

/** utime and stime of proc_pid_stat(5), in USER_HZ of 100, of all threads. */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
