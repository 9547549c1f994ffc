import { SensorError } from '../../model/sensor-error.ts'
import { PROFILE_NAMES, type ProfileName } from './profiles.ts'
import type { SnmpValue } from './snmp.ts'

/** SNMPv2-MIB, sysObjectID: what its maker calls this kind of device. */
export const OBJECT_ID = '1.3.6.1.2.1.1.2.0'

const ENTERPRISES = '1.3.6.1.4.1.'

/**
 * Where each family's kinds of devices lie below the makers' numbers (IANA, Private Enterprise Numbers): rPDUs and not the
 * UPSes of APC, Eaton and HPE, and the two families of Server Technology.
 */
const FAMILIES: Readonly<Record<string, ProfileName>> = {
  '318.1.3.4': 'apc',
  '13742.6': 'raritan',
  '1718.3': 'sentry3',
  '1718.4': 'sentry4',
  '534.6.6.7': 'eaton',
  '21239.5': 'geist',
  '476.1.42': 'liebert',
  '232.165.7': 'hpe',
  '232.165.11': 'hpe',
  '3808.1.1.3': 'cyberpower',
  '3808.1.1.6': 'cyberpower',
}

/** Throws a SensorError where the PDU is of no family that is known. */
export function profileOf(told: SnmpValue, address: string): ProfileName {
  const id = typeof told === 'string' ? told : ''
  const known = Object.entries(FAMILIES).find(([family]) => `${id}.`.startsWith(`${ENTERPRISES}${family}.`))
  if (known !== undefined) return known[1]
  const said = id === '' ? 'no sysObjectID' : `the sysObjectID ${id}, which no profile knows`
  throw new SensorError('SENSOR_ABSENT', `${address} has ${said}`, {
    remedy: `set its profile in sensors.pdu.devices to one of ${PROFILE_NAMES.join(', ')}`,
  })
}
