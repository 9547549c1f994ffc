import { httpGet } from '../../io/http.ts'
import type { Clock } from '../../model/clock.ts'
import { meterScope } from '../declared/scopes.ts'
import { RemoteSensor } from '../remote-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { HttpHost } from './host.ts'
import { HttpInput } from './input.ts'
import type { HttpSettings } from './schema.ts'

/** What a device on a desk says is far shorter; what is longer is something else. */
const MOST_BYTES = 256 << 10

/** Numbers in JSON that devices on the local network tell: smart plugs, meters, another program. */
export const http: SensorCode<HttpSettings> = {
  create: (settings, { clock }) =>
    new RemoteSensor({
      name: 'http',
      intervalMs: settings.interval,
      clock,
      remotes: hostsOf(settings, clock),
      none: 'sensors.http.inputs names no device',
    }),
}

function hostsOf({ inputs, interval: intervalMs, deadline: timeoutMs }: HttpSettings, clock: Clock) {
  const meter = meterScope(inputs)
  const all = inputs.map((one) => new HttpInput(one, one.scope === meter, clock))
  // What is on the local network is behind no proxy.
  const get = httpGet({ timeoutMs, maxBytes: MOST_BYTES, env: {}, unixMs: clock.unixMs })
  return [...Map.groupBy(all, ({ url }) => url.host)].map(
    ([host, inputs]) => new HttpHost(host, { inputs, get, intervalMs, clock }),
  )
}
