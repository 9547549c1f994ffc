import { masked } from '../model/secrets.ts'

/** A value as a person wrote it, short and on one line. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    return keys.length === 0 ? '{}' : `a mapping of ${shorten(keys.join(', '))}`
  }
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`
  return shorten(String(JSON.stringify(value)))
}

function shorten(text: string): string {
  const shown = masked(text)
  return shown.length <= 60 ? shown : `${shown.slice(0, 57)}...`
}
