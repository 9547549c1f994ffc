import { parseRfc3339Ms } from '../rfc3339.ts'

/** What is wrong with a request, a sentence for a person. */
export class BadRequest extends Error {}

/** RFC 3339, or seconds since 1970. */
export function timeIn(query: URLSearchParams, key: string): number {
  const text = query.get(key) ?? ''
  const unixMs = /^\d{1,11}(?:\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1e3) : parseRfc3339Ms(text)
  if (Number.isNaN(unixMs)) {
    throw new BadRequest(`${key}: expected a time such as 2026-11-28T10:00:00Z, or seconds since 1970`)
  }
  return unixMs
}

export function countIn(query: URLSearchParams, key: string, preset: number, most: number): number {
  const text = query.get(key)
  if (text === null) return preset
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > most) throw new BadRequest(`${key}: expected a whole number from 1 to ${most}`)
  return count
}
