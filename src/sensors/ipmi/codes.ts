import { getSystemErrorMap } from 'node:util'

/** IPMI 2.0, table 5-2, and what vendors add. */
const COMPLETION_CODES: Readonly<Record<number, string>> = {
  111: 'not licensed (Dell)',
  128: 'specific to the command',
  192: 'node busy',
  193: 'command not supported',
  194: 'command not supported on this unit',
  195: 'time-out inside the BMC',
  196: 'out of space',
  197: 'reservation cancelled',
  198: 'request truncated',
  199: 'wrong request length',
  200: 'request too long',
  201: 'parameter out of range',
  202: 'cannot return that many bytes',
  203: 'sensor not present',
  204: 'invalid field',
  205: 'not possible for this sensor',
  206: 'no response to the request',
  207: 'duplicated request',
  208: 'sensor records being updated',
  209: 'firmware update under way',
  210: 'BMC initialising',
  211: 'destination unavailable',
  212: 'insufficient privilege',
  213: 'not possible in this state',
  214: 'sub-function disabled',
  255: 'unspecified error',
}

/** The numbers of native/ipmi/failure.h beyond a byte. */
const OWN_CODES: Readonly<Record<number, string>> = {
  256: 'the sensor has no reading at the moment',
  257: 'the BMC does not scan the sensor',
  258: 'malformed answer',
  259: 'not asked: the BMC did not answer lately and is left alone for a while',
  260: "not asked: the BMC's sensors changed and are being scanned again",
  261: 'refused: not a read-only request',
}

/** Words for the detail of an IPMI failure: a completion code, one of our own, or a negative errno. */
export function describeIpmi(detail: number): string {
  if (detail > 0xff) return OWN_CODES[detail] ?? `code ${detail}`
  if (detail > 0) return `the BMC answered ${detail.toString(16)}h: ${COMPLETION_CODES[detail] ?? 'unknown'}`
  if (detail === 0) return 'no reason given'
  const known = getSystemErrorMap().get(detail)
  return known ? `${known[0]}: ${known[1]}` : `errno ${-detail}`
}

const MANUFACTURERS: Readonly<Record<number, string>> = {
  2: 'IBM',
  11: 'HP',
  343: 'Intel',
  674: 'Dell',
  7244: 'Quanta',
  10368: 'Fujitsu',
  10876: 'Supermicro',
  15370: 'Gigabyte',
  19046: 'Lenovo',
  47196: 'HPE',
  47488: 'Supermicro',
}

export const DELL = 674
export const LENOVO = 19046

export function manufacturerName(iana: number): string {
  return MANUFACTURERS[iana] ?? `IANA ${iana}`
}
