import type { Form } from './fields.ts'

/** Keys of a table by the hours of a place's clocks. What they say is read by `model/local-hours.ts`. */

export const TIME_ZONE: Form = {
  expected: 'an IANA time zone, such as Europe/Berlin',
  pattern: /^[A-Za-z][A-Za-z0-9_+/-]{0,62}$/,
}
export const HOURS: Form = {
  expected: 'hours such as 08:00-20:00 or 22:00-06:00',
  pattern: /^(?:[01]\d|2[0-3]):00-(?:[01]\d|2[0-4]):00$/,
}
