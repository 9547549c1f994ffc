import { reserved, section } from '../../schema/fields.ts'

export const redfishSchema = section('The management controller over HTTPS.', {
  enabled: reserved('redfish', [false]),
  url: reserved('redfish', [null]),
  username: reserved('redfish', [null]),
  password_file: reserved('redfish', [null]),
  fingerprint: reserved('redfish', [null]),
  interval: reserved('redfish', ['30s']),
})
