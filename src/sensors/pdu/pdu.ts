import type { Clock } from '../../model/clock.ts'
import { RemoteSensor } from '../remote-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { Outlet } from './outlet.ts'
import { PROFILES } from './profiles.ts'
import { RackPdu } from './rack-pdu.ts'
import type { PduSettings } from './schema.ts'
import { SnmpClient } from './snmp.ts'

/** Outlets of rack PDUs that feed this machine. */
export const pdu: SensorCode<PduSettings> = {
  create: (settings, { clock }) =>
    new RemoteSensor({
      name: 'pdu',
      intervalMs: settings.interval,
      clock,
      remotes: pdusOf(settings, clock),
      none: 'sensors.pdu.devices names no PDU',
    }),
}

function pdusOf({ devices, interval: intervalMs, deadline: deadlineMs }: PduSettings, clock: Clock) {
  const isOnly = devices.flatMap(({ outlets }) => outlets).length === 1
  const startedText = `${clock.unixMs()} `
  return devices.map((settings) => {
    const { address, profile: name, outlets: all } = settings
    const outlets = all.map(
      (numbers) => new Outlet({ name: `${address}/${numbers}`, numbers, intervalMs, isOnly, startedText }),
    )
    const profile = name === 'auto' ? null : PROFILES[name]
    return new RackPdu(address, { outlets, profile, client: new SnmpClient(settings, deadlineMs), clock })
  })
}
