import { once } from 'node:events'
import { isIP, type Socket } from 'node:net'
import { readAuthorities } from '../../io/credential-files.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { refusedIn } from '../declared/certificate.ts'
import type { NutInputSettings } from './schema.ts'

/** What an entry says of the encryption of its server. */
export type TlsSettings = Pick<NutInputSettings, 'tls' | 'ca_file' | 'fingerprint'>

/** What upsd answers to STARTTLS when it is ready for it. */
export const READY = 'OK STARTTLS'

/** The same connection, encrypted, to a certificate that is known. Rejects with a SensorError where it is not. */
export async function encrypted(
  plain: Socket,
  host: string,
  { ca_file: caFile, fingerprint }: TlsSettings,
  signal: AbortSignal,
): Promise<Socket> {
  const { connect } = process.getBuiltinModule('node:tls')
  const ca = caFile === null ? {} : { ca: authoritiesIn(caFile) }
  const named = isIP(host) === 0 ? { servername: host } : {}
  // What it shows is looked at here, where also the fingerprint of an unknown one can be told.
  const socket = connect({ socket: plain, host, ...named, ...ca, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect', { signal })
    const refused = refusedIn(socket, fingerprint, 'its fingerprint in sensors.nut.inputs')
    if (refused === null) return socket
    throw new SensorError('SENSOR_PERMISSION', `${refused.reason}; nothing was asked of it`, {
      remedy: `if it is the certificate of this upsd, set its fingerprint in sensors.nut.inputs: "${refused.fingerprint}"`,
    })
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Why a server does not encrypt. */
export function refusal(answer: string): SensorError {
  return new SensorError('SENSOR_PERMISSION', `upsd does not encrypt (${answer.slice(0, 60)})`, {
    remedy: 'give upsd a certificate in upsd.conf (CERTFILE or CERTPATH), or set tls: false in sensors.nut.inputs',
  })
}

function authoritiesIn(path: string): Buffer {
  try {
    return readAuthorities(path)
  } catch (cause) {
    throw new SensorError('SENSOR_PERMISSION', (cause as Error).message, {
      cause,
      remedy: `chgrp wattledger ${path} && chmod 0640 ${path}`,
    })
  }
}
