interface Preference {
  /** Lower case: `text/plain`, `text/*`, `gzip`, `*`. */
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
  readonly weight: number
}

/** Reads a list of preferences with weights (RFC 9110, section 12.4.2). A weight that cannot be is taken as 0. */
export function parsePreferences(header: string): readonly Preference[] {
  return header.split(',').flatMap((element) => {
    const [name = '', ...rest] = element.split(';').map((part) => part.trim().toLowerCase())
    if (name === '') return []
    const parameters = new Map(rest.map((part) => pairOf(part)))
    const weight = parameters.get('q') ?? '1'
    parameters.delete('q')
    return [{ name, parameters, weight: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 }]
  })
}

function pairOf(part: string): [string, string] {
  const at = part.indexOf('=')
  return at < 0
    ? [part, '']
    : [
        part.slice(0, at).trim(),
        part
          .slice(at + 1)
          .trim()
          .replaceAll('"', ''),
      ]
}

/** Weight that `Accept` gives to a media type: that of its most specific range (RFC 9110, section 12.5.1). */
export function weightOf(preferences: readonly Preference[], type: string, version: string | null): number {
  let best = { precision: 0, weight: 0 }
  for (const { name, parameters, weight } of preferences) {
    const precision = precisionOf(name, parameters.get('version'), type, version)
    if (precision > best.precision || (precision > 0 && precision === best.precision && weight > best.weight)) {
      best = { precision, weight }
    }
  }
  return best.weight
}

/** How closely a range names the type: 0 for not at all. Other parameters, such as `escaping`, are hints. */
function precisionOf(range: string, asked: string | undefined, type: string, version: string | null): number {
  if (asked !== undefined && asked !== version) return 0
  if (range === type) return asked === undefined ? 3 : 4
  if (range === `${type.split('/')[0]}/*`) return 2
  return range === '*/*' ? 1 : 0
}

/** True when `Accept-Encoding` welcomes gzip no less than no coding (RFC 9110, section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const codings = parsePreferences(acceptEncoding)
  const weight = (name: string): number | undefined => codings.find((coding) => coding.name === name)?.weight
  const gzip = weight('gzip') ?? weight('*') ?? 0
  return gzip > 0 && gzip >= (weight('identity') ?? 0)
}
