import type { Clock } from '../../model/clock.ts'
import { meterScope } from '../declared/scopes.ts'
import { RemoteSensor } from '../remote-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { type Endpoint, NutConnection } from './connection.ts'
import type { NutSettings } from './schema.ts'
import { NutServer } from './server.ts'

/** Registered for it with IANA. */
const PORT = 3493

/** Power supplies behind the network UPS tools. */
export const nut: SensorCode<NutSettings> = {
  create: (settings, { clock }) =>
    new RemoteSensor({
      name: 'nut',
      intervalMs: settings.interval,
      clock,
      remotes: serversOf(settings, clock),
      none: 'sensors.nut.inputs names no power supply',
    }),
}

function serversOf({ inputs, interval: intervalMs, deadline: deadlineMs }: NutSettings, clock: Clock) {
  const meter = meterScope(inputs)
  const all = inputs.map((settings) => ({ settings, isMeter: settings.scope === meter }))
  return [...Map.groupBy(all, ({ settings }) => settings.server)].map(([server, inputs]) => {
    const connection = new NutConnection(endpointOf(server), deadlineMs)
    return new NutServer(server, { inputs, connection, intervalMs, clock })
  })
}

function endpointOf(server: string): Endpoint {
  const [, bracketed, name = '', port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(server) ?? []
  return { host: bracketed ?? name, port: Number(port ?? PORT) }
}
