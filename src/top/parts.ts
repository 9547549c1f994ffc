import type { Glyphs } from './glyphs.ts'
import { sparkline } from './glyphs.ts'
import type { Moment, Shares } from './moment.ts'
import { partKey, type Series } from './series.ts'
import { amount, fitted, type Line, piece, shown, type Tone } from './text.ts'

/** What is less of a part is the rounding of a relation. */
const LEAST_SHARE = 0.005

/** From here on there is room for words. */
export const WIDE = 60

interface PartsView {
  readonly moment: Moment
  readonly series: Series
  readonly atUnixMs: number
}

export function partsHead(columns: number, glyphs: Glyphs): Line {
  const { name, quality } = widthsFor(columns)
  const words = [
    fitted('PART', name, glyphs),
    fitted('WATTS', 7, glyphs, 'right'),
    ...(columns < WIDE ? [] : [fitted('SHARE', 6, glyphs, 'right')]),
    fitted('QUALITY', quality, glyphs),
  ]
  return [piece(words.join(' '), 'faint')]
}

/** A line for each part of the machine. */
export function partLines({ moment, series, atUnixMs }: PartsView, columns: number, glyphs: Glyphs): Line[] {
  const { name, quality, bars } = widthsFor(columns)
  const whole = moment.power.now_w
  return moment.parts.map(({ part, power_w: watts, shares }) => {
    const share = watts === null || !whole ? glyphs.none : `${Math.round((100 * watts) / whole)} %`
    const values = series.last(partKey(part), bars, atUnixMs)
    return [
      piece(fitted(shown(part.replaceAll('_', ' '), glyphs), name, glyphs)),
      piece(` ${fitted(amount(watts, glyphs), 7, glyphs, 'right')}`, 'strong'),
      ...(columns < WIDE ? [] : [piece(` ${fitted(share, 6, glyphs, 'right')}`)]),
      piece(' '),
      piece(fitted(qualityText(shares, columns < WIDE, glyphs), quality, glyphs), toneOf(shares)),
      piece(` ${sparkline(values, glyphs)}`),
    ]
  })
}

function widthsFor(columns: number) {
  const [name, quality] = columns < WIDE ? [13, 9] : [14, 27]
  const others = name + 1 + 7 + (columns < WIDE ? 0 : 7) + 1 + quality + 1
  return { name, quality, bars: Math.max(0, columns - others) }
}

/** `measured`, or `measured 60, estimated 40 %`; with little room `M60 E40`. */
export function qualityText(shares: Shares, isShort: boolean, { none }: Glyphs): string {
  if (shares === null) return none
  const known = Object.entries(shares)
    .filter(([, share]) => share >= LEAST_SHARE)
    .toSorted(([, a], [, b]) => b - a)
  const [only] = known
  if (known.length === 1 && only !== undefined) return only[0]
  const percent = (share: number) => Math.round(100 * share)
  if (isShort) return known.map(([name, share]) => `${name.charAt(0).toUpperCase()}${percent(share)}`).join(' ')
  return `${known.map(([name, share]) => `${name} ${percent(share)}`).join(', ')} %`
}

/** What is estimated is not to be taken for what is measured. */
export function toneOf(shares: Shares): Tone {
  if (shares === null) return 'faint'
  return shares.estimated >= 0.5 ? 'doubtful' : shares.measured >= 0.5 ? 'good' : 'plain'
}

/** The accelerators one by one, as bars between nothing and the one that draws the most; null where there are none. */
export function acceleratorLine(moment: Moment, columns: number, glyphs: Glyphs): Line | null {
  const sensor = usualSource(moment, 'accelerators')
  // A model may tell the same cards once more.
  const cards = moment.channels.filter((channel) => channel.scope === 'gpu' && channel.sensor === sensor)
  if (cards.length < 2) return null
  const watts = cards.map(({ power_w }) => power_w)
  const known = watts.filter((one) => one !== null)
  const most = known.length === 0 ? null : Math.max(...known)
  const label = `${cards.length} cards, ${glyphs.none === '-' ? 'up to' : '≤'} ${amount(most, glyphs)} W `
  const room = columns - label.length - 2
  // Neighbours share a bar where there is not room for all.
  const each = Math.ceil(watts.length / Math.max(1, room))
  const bars = Array.from({ length: Math.ceil(watts.length / each) }, (_, index) =>
    meanOf(watts.slice(index * each, (index + 1) * each)),
  )
  return [piece(`  ${label}`, 'faint'), piece(sparkline(bars, glyphs))]
}

/** What tells most of a part's hardware; null for a part without any. */
function usualSource({ parts }: Moment, part: string): string | null {
  const sources = parts.filter((one) => one.part === part).flatMap((one) => one.sources)
  const counted = [...Map.groupBy(sources, ({ source }) => source)]
  return counted.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
