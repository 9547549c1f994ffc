import { AnswerError, dig, type Json, parseJson } from '../../io/answer.ts'
import { HttpError } from '../../io/http.ts'

/** Reads a resource. Rejects with an HttpError or a SensorError. */
export type Get = (path: string) => Promise<Json>

/** Members of a collection that are looked at: a large server has 300 sensors. */
const MOST_MEMBERS = 1_000
const MOST_PAGES = 50
/** Of what is shown or compared; a path is no longer either. */
const LONGEST_TEXT = 200

/** Resources as controllers write them: with stray carriage returns, and with numbers that JSON does not have. */
export function parseResource(body: string): Json {
  return parseJson(body.replaceAll('\r', '').replaceAll(/([[:,]\s*)-?(?:nan|inf|infinity)(?=\s*[,\]}])/gi, '$1null'))
}

/** The address behind a key: `{ "Power": { "@odata.id": "/redfish/v1/Chassis/1/Power" } }`. */
export function linkOf(resource: Json, ...keys: readonly string[]): string | null {
  const link = dig(resource, ...keys, '@odata.id')
  return typeof link === 'string' && link.startsWith('/') ? link : null
}

/** The addresses in a list. */
export function linksOf(resource: Json, ...keys: readonly string[]): readonly string[] {
  return itemsOf(resource, ...keys).flatMap((item) => linkOf(item) ?? [])
}

/** A list; empty where there is none. */
export function itemsOf(resource: Json, ...keys: readonly string[]): readonly Json[] {
  const list = dig(resource, ...keys)
  return Array.isArray(list) ? list : []
}

/** A text, fit for a terminal and for a label; empty where there is none. */
export function textOf(resource: Json, ...keys: readonly string[]): string {
  const text = dig(resource, ...keys)
  return typeof text === 'string'
    ? text
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim()
        .slice(0, LONGEST_TEXT)
    : ''
}

/** What a collection lists, all pages of it. */
export async function membersOf(get: Get, path: string): Promise<readonly string[]> {
  const members: string[] = []
  const seen = new Set<string>()
  const isMore = () => seen.size < MOST_PAGES && members.length < MOST_MEMBERS
  for (let next: string | null = path; next !== null && !seen.has(next) && isMore(); ) {
    seen.add(next)
    const page: Json = await get(next)
    members.push(...linksOf(page, 'Members').slice(0, MOST_MEMBERS))
    const more = textOf(page, 'Members@odata.nextLink') || textOf(page, '@odata.nextLink')
    next = more.startsWith('/') ? more : null
  }
  return [...new Set(members)].slice(0, MOST_MEMBERS)
}

/** Null for a resource that is not there or is broken: it costs itself, and not what stands beside it. */
export function optional(get: Get, path: string | null): Promise<Json> {
  return path === null ? Promise.resolve(null) : unlessRefused(() => get(path), null)
}

/** The members of a collection that may not be there. */
export function optionalMembers(get: Get, path: string): Promise<readonly string[]> {
  return unlessRefused(() => membersOf(get, path), [])
}

/**
 * What all members of a collection tell that are plugged in: an empty bay is listed as absent, or answers 404. Null where one
 * cannot be read, since what is left would pass for the whole, and where there are more than `most`.
 */
export function pluggedIn<T>(
  get: Get,
  path: string | null,
  most: number,
  toldBy: (resource: Json) => T,
): Promise<readonly T[] | null> {
  if (path === null) return Promise.resolve(null)
  return unlessRefused(async () => {
    const paths = await membersOf(get, path)
    return paths.length > most ? null : await allPluggedIn(get, paths, toldBy)
  }, null)
}

/** The same for addresses. Rejects where one cannot be read. A resource may be large, so that none is kept. */
export async function allPluggedIn<T>(
  get: Get,
  paths: readonly string[],
  toldBy: (resource: Json) => T,
): Promise<readonly T[]> {
  const told: T[] = []
  for (const path of paths) {
    const resource = await unlessMissing(get, path)
    if (resource !== null && textOf(resource, 'Status', 'State') !== 'Absent') told.push(toldBy(resource))
  }
  return told
}

async function unlessMissing(get: Get, path: string): Promise<Json> {
  try {
    return await get(path)
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}

/** What is asked for, or `instead` where a resource is broken: that costs itself alone. */
export async function unlessRefused<T>(ask: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (isOfOne(error)) return instead
    throw error
  }
}

/** Whether an error is that of one resource. No answer at all, and one that wants patience, are the controller's. */
export function isOfOne(error: unknown): boolean {
  if (error instanceof HttpError) return ![null, 503, 429].includes(error.status)
  return error instanceof AnswerError
}
