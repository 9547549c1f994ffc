const MASK = '***'
/** Tokens are renewed by the hour: what was used longest ago is forgotten. */
const MOST_KEPT = 64
/** What is shorter may be a part of any word, and is masked where it stands alone. */
const LEAST_TELLING = 8

const kept = new Map<string, RegExp>()

/** Remembers a key, token or password of this process, so that `masked` knows it wherever it turns up. */
export function keepSecret(secret: string): void {
  if (secret === '') return
  const pattern = kept.get(secret) ?? patternOf(secret)
  kept.delete(secret)
  kept.set(secret, pattern)
  const [oldest = ''] = kept.keys()
  if (kept.size > MOST_KEPT) kept.delete(oldest)
}

/** A text as people, logs and the ledger may have it: without secrets, credentials in URLs included. */
export function masked(text: string): string {
  let shown = text.replaceAll(/:\/\/[^\s/"',?#]+@/g, `://${MASK}@`)
  for (const pattern of kept.values()) shown = shown.replaceAll(pattern, MASK)
  return shown
}

/** Matches it as it is, in JSON and in a URL. */
function patternOf(secret: string): RegExp {
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  const any = [...forms].map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  return secret.length < LEAST_TELLING
    ? new RegExp(`(?<![A-Za-z0-9])(?:${any})(?![A-Za-z0-9])`, 'g')
    : new RegExp(any, 'g')
}
