import { Agent, get } from 'node:https'
import { systemClock } from '../src/native/system-clock.ts'
import { RedfishSensor } from '../src/sensors/redfish/redfish.ts'
import { redfishSchema } from '../src/sensors/redfish/schema.ts'
import { Bmc } from '../test/fixtures/redfish/bmc.ts'
import { dial, xcc } from '../test/fixtures/redfish/trees.ts'
import type { BenchRow } from './row.ts'

const TIMES = 1_000

/** A pass of one request, and the same request by Node alone, in turn: the controller of both is in this process. */
export async function redfishRows(): Promise<BenchRow[]> {
  await using bmc = await Bmc.start(xcc(dial()))
  const settings = redfishSchema.parse(bmc.keys)
  const roots = { sysfs: bmc.folder, procfs: bmc.folder, devfs: bmc.folder }
  const sensor = new RedfishSensor(settings, { ...roots, clock: systemClock }, (_, signal) => endOf(signal))
  const { signal } = new AbortController()
  await sensor.open(signal)
  const connections = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const [token = ''] = bmc.tokens.keys()
  const options = { agent: connections, headers: { 'x-auth-token': token } }
  const bare = () =>
    new Promise<unknown>((resolve, reject) => {
      const asked = get(`${bmc.url}/redfish/v1/Chassis/1/Power`, options, async (answer) =>
        resolve(JSON.parse(Buffer.concat(await answer.toArray()).toString())),
      )
      asked.on('error', reject)
    })
  const pass = async () => {
    await sensor.readNow(signal)
    sensor.drain()
  }
  let [passMs, bareMs] = [0, 0]
  for (let time = 0; time < 2 * TIMES; time++) {
    const isWarm = time >= TIMES
    const [ofPass, ofBare] = [await msOf(pass), await msOf(bare)]
    if (isWarm) [passMs, bareMs] = [passMs + ofPass, bareMs + ofBare]
  }
  connections.destroy()
  await sensor.close()
  const ms = (sum: number): string => `${(sum / TIMES).toFixed(2)} ms`
  const figure = `${ms(passMs)}; bare request ${ms(bareMs)}: ${(passMs / bareMs).toFixed(2)}x`
  return [{ name: 'redfish, one pass', figure, aim: 'at most 2x' }]
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

/** The background asks for nothing. */
const endOf = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
