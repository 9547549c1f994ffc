import { acpiPowerMeter7 } from '../fixtures/machines/hwmon.ts'
import { InferenceServer } from '../workloads/inference-server.ts'
import { Host } from './agent.ts'
import { bare } from './bare.ts'

/** At the input of the machine. */
const WATTS = 287
const REQUESTS_PER_S = 20
export const JOULES_PER_REQUEST = WATTS / REQUESTS_PER_S

/** A machine of one power, and a server on it that serves at one pace. */
export class ServedMachine implements AsyncDisposable {
  readonly server: InferenceServer
  readonly host: Host

  private constructor(server: InferenceServer, port: number) {
    this.server = server
    const chat = {
      name: 'chat',
      url: server.url,
      preset: 'vllm',
      boundary: 'machine',
      interval: '1s',
      windows: ['10s'],
    }
    const config = { sensors: { hwmon: { interval: '1s' } }, web: { listen: `127.0.0.1:${port}` }, workloads: [chat] }
    this.host = new Host({ ...bare, ...acpiPowerMeter7 }, config)
    const beganMs = performance.now()
    let served = 0
    server.answer = (_, response) => {
      const due = Math.floor(((performance.now() - beganMs) / 1e3) * REQUESTS_PER_S)
      server.serve(due - served)
      served = due
      server.show(response)
    }
  }

  /** @param port of the agent; 0 for one of the kernel's choice */
  static async start(port = 0): Promise<ServedMachine> {
    return new ServedMachine(await InferenceServer.start('vllm', Date.now() / 1e3 - 60), port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]()
    await this.server[Symbol.asyncDispose]()
  }
}
