import type { Clock } from '../../model/clock.ts'
import { endpointOf } from '../declared/address.ts'
import { meterScope } from '../declared/scopes.ts'
import { RemoteSensor } from '../remote-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { NutConnection } from './connection.ts'
import { type NutSettings, PORT } from './schema.ts'
import { NutServer } from './server.ts'

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
    const connection = new NutConnection(endpointOf(server, PORT), deadlineMs)
    return new NutServer(server, { inputs, connection, intervalMs, clock })
  })
}
