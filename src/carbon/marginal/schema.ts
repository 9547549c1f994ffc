import * as z from 'zod'
import { ABSOLUTE_PATH, type Form, requiredChoice, requiredText } from '../../schema/fields.ts'

const EXPECTED = 'null or { source: watttime, username, key_file, region }'
// RFC 7617: a colon would end the name.
const USERNAME: Form = { expected: 'a user name without spaces and colons', pattern: /^[\x21-\x39\x3b-\x7e]{1,100}$/ }
const REGION: Form = { expected: "WattTime's name of a region, such as CAISO_NORTH", pattern: /^[A-Z0-9_-]{1,64}$/ }

/** What `carbon.marginal` may be. It is no part of `carbon.location`, so that nothing marginal is ever counted with. */
export const marginal = z
  .strictObject(
    {
      source: requiredChoice('Service that the intensity comes from.', ['watttime']),
      username: requiredText('User name of the account.', USERNAME),
      key_file: requiredText('File with the password, which only the service should be able to read.', ABSOLUTE_PATH),
      region: requiredText('Region of the grid. Without a paid plan it must be CAISO_NORTH.', REGION),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? 'one of the keys source, username, key_file, region' : EXPECTED,
    },
  )
  .nullable()
  .default(null)
  .meta({
    description: `Marginal intensity: what one more kilowatt hour would emit. It is shown as a series of its own, for deciding when to run work, and is never counted: the GHG Protocol excludes marginal factors from inventories. Expects ${EXPECTED}.`,
    examples: [{ source: 'watttime', username: 'me', key_file: '/etc/wattledger/wt.key', region: 'CAISO_NORTH' }],
  })
