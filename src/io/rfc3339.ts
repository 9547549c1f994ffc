const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * Unix milliseconds of an RFC 3339 time, with its zone; NaN for anything else. Seconds may be left out, as some grid
 * operators do.
 */
export function parseRfc3339Ms(text: string): number {
  const [, year, month, day] = RFC3339.exec(text) ?? []
  // Date.parse takes 30 February for 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return Number.NaN
  return year === undefined ? Number.NaN : Date.parse(text)
}
