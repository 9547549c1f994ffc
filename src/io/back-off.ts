import { HttpError } from './http.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 3_600_000
const LONGEST_OBEDIENCE_MS = 24 * 3_600_000

/** Time until the next try: doubles to an hour, with half of it by chance, and never less than the server asks for. */
export function backOffMs(failures: number, error: unknown, random: () => number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20))
  const askedMs = error instanceof HttpError ? (error.retryAfterMs ?? 0) : 0
  const jittered = longest * (0.5 + 0.5 * random())
  return askedMs > 0 ? Math.min(askedMs, LONGEST_OBEDIENCE_MS) + jittered / 2 : jittered
}
