import { parsePreferences, weightOf } from '../io/serve/preferences.ts'
import type { ExpositionFormat } from './exposition.ts'

/** The exposition format to serve. Plain text where both are welcome alike, and where neither was asked for. */
export function expositionFormat(accept: string | undefined): ExpositionFormat {
  if (accept === undefined) return 'text'
  const preferences = parsePreferences(accept)
  const text = weightOf(preferences, 'text/plain', '0.0.4')
  return weightOf(preferences, 'application/openmetrics-text', '1.0.0') > text ? 'openmetrics' : 'text'
}

/** True when JSON is preferred over plain text. */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const preferences = parsePreferences(accept)
  return weightOf(preferences, 'application/json', null) > weightOf(preferences, 'text/plain', null)
}
