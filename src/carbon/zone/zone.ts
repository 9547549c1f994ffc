import { type ConfigFault, fault } from '../../model/config-fault.ts'
import { didYouMean, nearest } from '../../model/did-you-mean.ts'
import { type Country, countries, nameOf } from './iso-3166.ts'

/** Where electricity comes from: its name in figures (`DE`, `WORLD`), and its key in the data set (`DEU`, `WORLD`). */
export interface Zone {
  readonly name: string
  readonly key: string
}

/** Finds a country by its alpha-2 or alpha-3 code, or a region by its name. Throws a ConfigFault. */
export function findZone(text: string, keys: ReadonlySet<string>): Zone {
  const code = text.toUpperCase()
  const country = countries().find(({ alpha2, alpha3 }) => code === alpha2 || code === alpha3)
  if (country !== undefined && keys.has(country.alpha3)) return { name: country.alpha2, key: country.alpha3 }
  if (keys.has(code)) return { name: code, key: code }
  if (country !== undefined) throw unknownZone(`${code} for ${nameOf(country)}, without one`, [])
  throw unknownZone(JSON.stringify(text), suggestionsFor(code, keys))
}

/** The alpha-2 code of a country by either of its codes; null for any other text. */
export function alpha2Of(text: string): string | null {
  const code = text.toUpperCase()
  return countries().find(({ alpha2, alpha3 }) => code === alpha2 || code === alpha3)?.alpha2 ?? null
}

function unknownZone(received: string, suggestions: readonly string[]): ConfigFault {
  return fault(
    'carbon.zone',
    `expected the ISO 3166 code of a country with a known intensity, received ${received}${didYouMean(suggestions)}`,
  )
}

/** People write GER, UK and DE-LU, so the text is compared with names and initials, not with codes alone. */
function suggestionsFor(code: string, keys: ReadonlySet<string>): string[] {
  const known = countries().filter(({ alpha3 }) => keys.has(alpha3))
  const closest = nearest(code, known.flatMap(namesOf))
  const likenesses = [
    (country: Country) => code === initialsOf(country) || code.startsWith(`${country.alpha2}-`),
    (country: Country) =>
      code.length >= 3 &&
      upperName(country)
        .split(' ')
        .some((word) => word.startsWith(code)),
    (country: Country) => closest !== null && namesOf(country).includes(closest),
  ]
  const meant = likenesses.map((isMeant) => known.filter(isMeant)).find((found) => found.length > 0) ?? []
  return meant.map((country) => `${country.alpha2} for ${nameOf(country)}`)
}

function namesOf(country: Country): string[] {
  return [upperName(country), country.alpha3]
}

function upperName(country: Country): string {
  return nameOf(country).toUpperCase()
}

function initialsOf(country: Country): string {
  return upperName(country).replace(/(\p{L})\p{L}*[^\p{L}]*/gu, '$1')
}
