import * as z from 'zod'
import { ABSOLUTE_PATH, duration, type Form, optionalText, section } from '../schema/fields.ts'

const SOCKET = 'auto, false or an absolute path'
const PORT = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5]|0)'
const LOOPBACK: Form = {
  expected: 'a loopback address and a port, such as 127.0.0.1:10911 or [::1]:10911',
  pattern: new RegExp(`^(?:127(?:\\.\\d{1,3}){3}|\\[::1\\]):${PORT}$`),
}

export const windows = section(
  'Measured windows: energy of a command, an epoch or a request, over a local interface.',
  {
    socket: z
      .union(
        [
          z.literal(['auto', false], { error: SOCKET }),
          z.string({ error: SOCKET }).regex(ABSOLUTE_PATH.pattern, { error: SOCKET }),
        ],
        {
          error: SOCKET,
        },
      )
      .default('auto')
      .meta({
        description: `Unix socket of the interface; auto is api.sock in $RUNTIME_DIRECTORY, which is /run/wattledger for the service, or else in the folder of the ledger. Expects ${SOCKET}.`,
        examples: [false, '/run/power/api.sock'],
      }),
    listen: optionalText('Address of the interface besides the socket; null listens nowhere else.', LOOPBACK),
    token_file: optionalText('File with the token that clients of windows.listen show.', ABSOLUTE_PATH),
    limit: duration('Longest time that a window stays open if nobody ends it.', '24h', '1s', '30d'),
    keep: duration('How long windows are kept.', '90d', '31d', '3650d'),
  },
)
