/*
 * Names of processors. One model has many spellings: the kernel writes what CPUID says, `Intel(R) Xeon(R) Gold 6140 CPU @
 * 2.30GHz`, catalogues `Intel® Xeon® Gold 6140 Processor`, publications `Xeon 6140 (2.30 GHz, Turbo up to 3.70 GHz)`.
 */

/** No name of a processor is longer: CPUID has 48 characters, and publications put clocks in brackets behind. */
const MOST_CHARACTERS = 160

/** What stands around the model number and says nothing of it, in the order in which it is taken away. */
const NOISE: readonly RegExp[] = [
  /[®\u2122]|\((r|tm|c)\)/g,
  /\(.*$|\[.*$/g,
  /,.*$/g,
  /@ *\d.*$/g,
  /\b\d+(\.\d+)? ?[gm]hz\b.*$/g,
  /\b(quad|six|eight|dual|\d+)[- ]cores?( processor)?\b/g,
  /\b(processor|cpu|genuine|64-bit|multi-core)\b/g,
  /\bdell sku\b/g,
  /^ *\d+(st|nd|rd|th) gen\b/g,
  / w(ith|\/) .*$/g,
]

/** One spelling for each processor model, in small letters; empty where a name says nothing. */
export function canonicalCpu(name: string): string {
  // A clock before the name, as in `2.6 GHz AMD Opteron 2435`, is not its end.
  let text = ` ${name.slice(0, MOST_CHARACTERS).toLowerCase()} `.replace(/^ *\d+(\.\d+)? ?ghz\b/, ' ')
  for (const noise of NOISE) text = text.replace(noise, ' ')
  text = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(intel|amd|arm|ampere|ibm) /, '')
    .replace(/\bcore 2\b/, 'core2')
    .replace(/\b(opteron \d{4}) (he|ee|se)\b/, '$1$2')
  return isXeon(text) ? xeon(text) : text
}

/** The clock in a name, in MHz; null when there is none. The first is the base clock. */
export function clockOf(name: string): number | null {
  const [, number, unit] = /(\d{1,2}\.\d{1,3}|\d{3,4}) ?([gm])hz/i.exec(name.slice(0, MOST_CHARACTERS)) ?? []
  if (number === undefined) return null
  const mhz = Number(number) * (unit?.toLowerCase() === 'g' ? 1000 : 1)
  return mhz >= 300 && mhz <= 7000 ? Math.round(mhz) : null
}

function isXeon(text: string): boolean {
  return /\bxeon\b/.test(text) || /^[exlw][357]?-?\d{4,5}\w*( ?v\d)?$/.test(text)
}

function xeon(text: string): string {
  const model = text
    .replace(/\bxeon\b/g, ' ')
    .replace(/\b(platinum|gold|silver|bronze|max|scalable)\b/g, ' ')
    .replace(/\be (?=e-\d)/, ' ')
    .replace(/\be7- (?=\d)/, 'e7-')
    .replace(/ 0$/, '')
    .replace(/-?\b(d|w|e)[- ](?=\d)/, '$1-')
    .replace(/(\d[lse]?) ?v(\d)$/, '$1 v$2')
    .replace(/\b6 (?=6\d{3}[pe]\b)/, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  // Two processors share this number: Woodcrest of 2006 has no tier.
  const tier = model === '5120' && /\bgold\b/.test(text) ? 'gold ' : ''
  return `xeon ${tier}${model}`.trim()
}
