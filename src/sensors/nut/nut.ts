import type { Clock } from '../../model/clock.ts'
import { endpointOf } from '../declared/address.ts'
import { meterScope } from '../declared/scopes.ts'
import { RemoteSensor } from '../remote-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { NutConnection } from './connection.ts'
import { PORT } from './port.ts'
import type { NutInputSettings, NutSettings } from './schema.ts'
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
  const connectionOf = ({ server, tls, ca_file, fingerprint }: NutInputSettings) =>
    [server, tls, ca_file, fingerprint].join(' ')
  return [...Map.groupBy(all, ({ settings }) => connectionOf(settings)).values()].flatMap((inputs) => {
    const [first] = inputs
    if (first === undefined) return []
    const { server } = first.settings
    const connection = new NutConnection(endpointOf(server, PORT), deadlineMs, first.settings)
    return new NutServer(server, { inputs, connection, intervalMs, clock })
  })
}
