import { quoted } from '../../model/quoted.ts'

/** Matches one of some texts and nothing else (RE2). */
export function oneOf(texts: readonly string[]): string {
  return quoted(texts.map((text) => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|'))
}

/** Several metrics at once, of series that fit the matchers. */
export function selector(metrics: readonly string[], ...matchers: readonly string[]): string {
  return `{${[`__name__=~${oneOf(metrics)}`, ...matchers.filter((one) => one !== '')].join(',')}}`
}
