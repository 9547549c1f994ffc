import { type ConfigFault, fault } from '../../model/config-fault.ts'
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

function unknownZone(received: string, suggestions: readonly string[]): ConfigFault {
  const hint = suggestions.length > 0 ? ` (did you mean ${suggestions.join(' or ')}?)` : ''
  return fault(
    'carbon.zone',
    `expected the ISO 3166 code of a country with a known intensity, received ${received}${hint}`,
  )
}

const MOST_SUGGESTIONS = 3
const LEAST_LIKENESS = 0.4

/** People write GER, UK and DE-LU: what is received is compared with names and their initials too, not with codes alone. */
function suggestionsFor(code: string, keys: ReadonlySet<string>): string[] {
  const scored = countries()
    .filter(({ alpha3 }) => keys.has(alpha3))
    .map((country) => ({ country, score: likeness(code, country) }))
  const best = Math.max(LEAST_LIKENESS, ...scored.map(({ score }) => score))
  return scored
    .filter(({ score }) => score >= best)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ country }) => `${country.alpha2} for ${nameOf(country)}`)
}

/** From 0 to 1. */
function likeness(code: string, country: Country): number {
  const name = nameOf(country).toUpperCase()
  const initials = name.replace(/(\p{L})\p{L}*[^\p{L}]*/gu, '$1')
  if (code === initials || code.startsWith(`${country.alpha2}-`)) return 1
  if (code.length >= 3 && name.split(' ').some((word) => word.startsWith(code))) return 0.9
  return Math.max(sharedPairs(code, name), sharedPairs(code, country.alpha3))
}

/** The names most like one, the likest first. */
export function nearestNames(text: string, names: Iterable<string>): string[] {
  const score = (name: string): number => sharedPairs(text.toUpperCase(), name.toUpperCase())
  return [...new Set(names)].toSorted((a, b) => score(b) - score(a) || (a < b ? -1 : 1)).slice(0, MOST_SUGGESTIONS)
}

/** Dice's coefficient of the pairs of neighbouring letters. */
function sharedPairs(a: string, b: string): number {
  const [left, right] = [pairsOf(a), pairsOf(b)]
  const shared = left.filter((pair) => right.includes(pair))
  return (2 * shared.length) / Math.max(1, left.length + right.length)
}

function pairsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2))
}
