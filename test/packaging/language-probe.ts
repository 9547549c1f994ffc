/** Tells, as JSON, what the Node that runs this knows of English and of what has no language, and what it says by itself. */
import { createHash } from 'node:crypto'
import { domainToASCII, domainToUnicode } from 'node:url'
import { inspect } from 'node:util'

const INSTANTS = [new Date(0), new Date(Date.UTC(2026, 6, 1, 12, 34, 56))]
const ENGLISH = ['en', 'en-US', 'en-GB', 'en-AU', 'en-IN', 'en-001']
const WORDS = ['b', 'ä', 'A', 'a', 'Z', 'z10', 'z9', 'ß', 'ss', 'é', '日', 'я', 'ö', '-', '_', ' ']
const LETTERS = Array.from({ length: 0x30000 }, (_, code) =>
  code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code),
)
/** Every letter of the three planes that have some. */
const TEXT = LETTERS.join('')
const TEXTS = ['Hello, world. It costs 3.50 today!  Yes: 👩‍👩‍👧 é', 'e\u0301a']
const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
const codes = Array.from({ length: 26 * 26 }, (_, index) => String.fromCharCode(65 + index / 26, 65 + (index % 26)))
const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)

function english(locale: string): object {
  const named = (type: Intl.DisplayNamesType, names: readonly string[]) => {
    const display = new Intl.DisplayNames([locale], { type })
    return hash(names.map((name) => display.of(name)))
  }
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options).format(-1234567.891)
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return {
    resolved: new Intl.DateTimeFormat(locale).resolvedOptions(),
    dates: (['full', 'long', 'medium', 'short'] as const).map((style) =>
      INSTANTS.map((at) =>
        at.toLocaleString(locale, { dateStyle: style, timeStyle: style, timeZone: 'Europe/Berlin' }),
      ),
    ),
    range: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).formatRange(...(INSTANTS as [Date, Date])),
    calendars: hash(
      Intl.supportedValuesOf('calendar').map((calendar) =>
        new Intl.DateTimeFormat(locale, { calendar, dateStyle: 'full' }).format(INSTANTS[1]),
      ),
    ),
    numbers: [
      number({}),
      number({ notation: 'compact', compactDisplay: 'long' }),
      number({ notation: 'scientific' }),
      number({ style: 'percent' }),
      ...['EUR', 'USD', 'JPY', 'XXX'].map((currency) =>
        number({ style: 'currency', currency, currencyDisplay: 'name' }),
      ),
    ],
    units: hash(Intl.supportedValuesOf('unit').map((unit) => number({ style: 'unit', unit, unitDisplay: 'long' }))),
    digits: hash(Intl.supportedValuesOf('numberingSystem').map((numberingSystem) => number({ numberingSystem }))),
    regions: named('region', codes),
    languages: named(
      'language',
      codes.map((code) => code.toLowerCase()),
    ),
    currencies: named('currency', Intl.supportedValuesOf('currency')),
    scripts: named('script', ['Latn', 'Cyrl', 'Arab', 'Hans', 'Jpan']),
    plurals: [0, 1, 2, 3, 11, 21].map((count) => new Intl.PluralRules(locale, { type: 'ordinal' }).select(count)),
    relative: [-2, -1, 0, 1, 2].map((count) => relative.format(count, 'day')),
    list: new Intl.ListFormat(locale).format(['a', 'b', 'c']),
    sorted: WORDS.toSorted(new Intl.Collator(locale, { numeric: true }).compare),
    compared: WORDS.toSorted((a, b) => a.localeCompare(b, locale)),
    segments: (['grapheme', 'word', 'sentence'] as const).map((granularity) =>
      TEXTS.map((text) => [...new Intl.Segmenter(locale, { granularity }).segment(text)].map(({ segment }) => segment)),
    ),
    cases: [TEXT.toLocaleLowerCase(locale), TEXT.toLocaleUpperCase(locale)].map(hash),
  }
}

/** Of each zone its names, and its clock over a century. */
function zones(): object {
  const years = Array.from({ length: 110 }, (_, index) => new Date(Date.UTC(1930 + index, index % 12, 15)))
  return Object.fromEntries(
    Intl.supportedValuesOf('timeZone').map((timeZone) => {
      const named = (['long', 'short', 'longGeneric', 'shortOffset'] as const).flatMap((timeZoneName) =>
        INSTANTS.map((at) => at.toLocaleString('en-US', { timeZone, timeZoneName })),
      )
      const clock = new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'short', timeStyle: 'long' })
      return [timeZone, hash([named, years.map((at) => clock.format(at))])]
    }),
  )
}

function ofNone(): object {
  const decoded = (label: string) => new TextDecoder(label).decode(bytes)
  return {
    versions: process.versions,
    values: (['calendar', 'currency', 'numberingSystem', 'unit'] as const).map(Intl.supportedValuesOf),
    normalized: ['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => hash(TEXT.normalize(form))),
    cases: [
      TEXT.toLowerCase(),
      TEXT.toUpperCase(),
      ...['tr', 'lt', 'el', 'az'].map((locale) => TEXT.toLocaleUpperCase(locale)),
    ].map(hash),
    properties: [/\p{L}/gu, /\p{Lu}/gu, /\p{Emoji}/gu, /\p{Script=Greek}/gu, /\p{ID_Start}/gu, /[ſı]/giu].map(
      (pattern) => TEXT.match(pattern)?.length,
    ),
    addresses: ['bücher', 'faß', '例え', 'ИспЫтание', 'xn--bcher-kva', 'a\u200db'].map((name) => [
      URL.canParse(`http://${name}.example`) && new URL(`http://${name}.example`).href,
      domainToASCII(`${name}.example`),
      domainToUnicode(`${name}.example`),
    ]),
    decoded: ['utf-8', 'latin1', 'windows-1252', 'us-ascii', 'utf-16le', 'utf-16be'].map(decoded),
    buffers: (['latin1', 'ascii', 'utf16le', 'utf8'] as const).map((encoding) => Buffer.from(bytes).toString(encoding)),
    /** Put into columns by the width of each. */
    columns: inspect(Array.from({ length: 30 }, (_, index) => WORDS.concat('日本語', '👩‍👩‍👧', 'ｶ')[index % 19])),
    english: Intl.DateTimeFormat.supportedLocalesOf(codes.map((code) => `en-${code}`)).length,
    canonical: Intl.getCanonicalLocales(['iw', 'zh-TW', 'sr-latn-rs', 'en-us-posix']),
    maximal: ['en', 'zh-TW', 'sr', 'und-JP'].map((tag) => new Intl.Locale(tag).maximize().toString()),
  }
}

/** Without a word about the language, as libraries and people at a prompt do. */
function byItself(): readonly string[] {
  return [
    String(INSTANTS[0]),
    ...INSTANTS.flatMap((at) => [at.toLocaleString(), at.toLocaleDateString(), at.toLocaleTimeString()]),
    new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'full' }).format(INSTANTS[0]),
    (-1234567.891).toLocaleString(),
    WORDS.toSorted((a, b) => a.localeCompare(b)).join(''),
    'I'.toLowerCase() + 'i'.toUpperCase() + 'I'.toLocaleLowerCase(),
  ]
}

const others = ['de', 'tr', 'ar', 'ja', 'zh-CN'].map((locale) => INSTANTS[1]?.toLocaleString(locale))
const known = {
  ...Object.fromEntries(ENGLISH.map((locale) => [locale, english(locale)])),
  zones: zones(),
  none: ofNone(),
}
console.log(JSON.stringify({ known, others, byItself: byItself() }))
