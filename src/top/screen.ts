import { type Glyphs, sparkline } from './glyphs.ts'
import type { Moment } from './moment.ts'
import { acceleratorLine, partLines, partsHead, qualityText, toneOf, WIDE } from './parts.ts'
import { BAR_MS, type Series, TOTAL } from './series.ts'
import { amount, clipped, columnsOf, fitted, type Line, type Piece, piece, shown } from './text.ts'
import { type Listed, userLine, usersHead, usersOf } from './users.ts'

export interface View {
  /** Null before the first answer. */
  readonly moment: Moment | null
  readonly series: Series
  /** Why there is no newer answer. */
  readonly problem: string | null
  /** Since the last answer. */
  readonly ageMs: number
  readonly address: string
  readonly listed: Listed
  /** Of those that are listed, how many stand above the first shown. */
  readonly offset: number
}

export interface Size {
  readonly columns: number
  /** Infinite for a listing that is no screen. */
  readonly rows: number
}

/** From here on there is room for more than the figures. */
const TALL = 16

export interface Screen {
  readonly lines: readonly Line[]
  /** As far as the list could be scrolled. */
  readonly offset: number
}

/** What a terminal of a size shows; no line is wider and there are not more. */
export function screenOf(view: View, size: Size, glyphs: Glyphs): Screen {
  const { columns } = size
  const { moment, problem } = view
  const top = [headLine(view, columns, glyphs), ...problemLines(view, columns, glyphs)]
  if (moment === null) {
    const waiting =
      problem === null ? [[piece(fitted(`asking ${view.address}`, columns, glyphs).trimEnd(), 'faint')]] : []
    return { lines: cut([...top, ...waiting], size, glyphs), offset: 0 }
  }
  const isTall = size.rows >= TALL
  const atUnixMs = Date.parse(moment.time) + view.ageMs
  const scene = { moment, series: view.series, atUnixMs }
  const cards = isTall ? acceleratorLine(moment, columns, glyphs) : null
  const figures = [
    ...top,
    totalLine(view, atUnixMs, columns, glyphs),
    ...(isTall ? [...bookLines(moment, columns, glyphs), []] : []),
    ...(isTall && moment.parts.length > 0 ? [partsHead(columns, glyphs)] : []),
    ...partLines(scene, columns, glyphs),
    ...(cards === null ? [] : [cards]),
    ...(isTall ? [[], usersHead(view.listed, columns, glyphs)] : []),
  ]
  const hasFoot = isTall && Number.isFinite(size.rows)
  const room = Math.max(0, size.rows - figures.length - (hasFoot ? 1 : 0))
  const { lines, told, offset } = userLines(view, moment, scene, room, columns, glyphs)
  if (!hasFoot) return { lines: cut([...figures, ...lines], size, glyphs), offset }
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, () => [])
  return { lines: cut([...figures, ...lines, ...blank, footLine(view, told, columns, glyphs)], size, glyphs), offset }
}

function cut(lines: readonly Line[], { columns, rows }: Size, glyphs: Glyphs): Line[] {
  return lines.slice(0, Math.max(1, rows)).map((line) => clipped(line, columns, glyphs))
}

/** `wattledger db-17                    12:00:00 UTC  healthy` */
function headLine({ moment, problem, address }: View, columns: number, glyphs: Glyphs): Line {
  const name = shown(moment?.node.name ?? address, glyphs)
  const time = moment === null ? '' : `${new Date(moment.time).toISOString().slice(11, 19)} UTC  `
  const [word, tone] =
    problem !== null
      ? (['no answer', 'alarm'] as const)
      : moment === null
        ? (['', 'plain'] as const)
        : moment.problems.length > 0
          ? (['unhealthy', 'alarm'] as const)
          : (['healthy', 'good'] as const)
  const right = columns < WIDE ? time.slice(0, 8) + (time === '' ? '' : ' ') : time
  const left = `wattledger ${name}`
  const room = columns - columnsOf(right) - word.length - 1
  return [piece(fitted(left, room, glyphs), 'strong'), piece(` ${right}`, 'faint'), piece(word, tone)]
}

function problemLines({ problem, moment, ageMs }: View, columns: number, glyphs: Glyphs): Line[] {
  const age = moment === null ? '' : ` (figures of ${Math.round(ageMs / 1e3)} s ago)`
  const said = problem === null ? (moment?.problems[0] ?? null) : `${problem}${age}`
  return said === null ? [] : [[piece(fitted(shown(said, glyphs), columns, glyphs).trimEnd(), 'alarm')]]
}

/** `412 W ±8.65 W, 95 %  measured  ▆▆▇▇██` */
function totalLine({ moment, series }: View, atUnixMs: number, columns: number, glyphs: Glyphs): Line {
  const { now_w: watts = null, uncertainty_95_w: half = null, shares = null } = moment?.power ?? {}
  const isShort = columns < WIDE
  const pieces = [
    piece(watts === null ? 'power unknown' : `${amount(watts, glyphs)} W`, watts === null ? 'alarm' : 'strong'),
    ...(watts === null ? [] : [piece(` ${glyphs.plusMinus}${amount(half, glyphs)} W${isShort ? '' : ', 95 %'}`)]),
    piece(isShort ? ' ' : '  '),
    piece(qualityText(shares, isShort, glyphs), toneOf(shares)),
    piece('  '),
  ]
  const room = columns - lengthOf(pieces)
  return [...pieces, piece(sparkline(series.last(TOTAL, Math.max(0, room), atUnixMs), glyphs))]
}

/** What is known and small does not look like nothing. */
function energyText(kwh: number, glyphs: Glyphs): string {
  return kwh > 0 && kwh < 0.1 ? `${amount(kwh * 1e3, glyphs)} Wh` : `${kwh.toFixed(3)} kWh`
}

/** What the day has come to, and what it is counted with. */
function bookLines({ today, intensities, meter }: Moment, columns: number, glyphs: Glyphs): Line[] {
  const [intensity] = intensities
  const books = [
    today === null
      ? `today ${glyphs.none}`
      : [
          `today ${energyText(today.energy_kwh, glyphs)}`,
          today.co2e_location_g === null ? 'CO2e unknown' : `${amount(today.co2e_location_g, glyphs)} g CO2e`,
          ...(today.cost === null ? [] : [`${today.cost.toFixed(2)} ${today.currency ?? ''}`.trimEnd()]),
          `covered ${today.coverage === null ? glyphs.none : `${(100 * today.coverage).toFixed(1)} %`}`,
        ].join(', '),
    `meter ${meter?.name ?? glyphs.none}`,
    ...(intensity === undefined ? [] : [`${amount(intensity.g_per_kwh, glyphs)} g/kWh by ${intensity.source}`]),
  ].map((text) => shown(text, glyphs))
  const one = books.join('  ')
  const lines = columnsOf(one) <= columns ? [one] : [books[0] ?? '', books.slice(1).join('  ')]
  return lines.map((text) => [piece(fitted(text, columns, glyphs).trimEnd())])
}

function userLines(
  { listed, offset }: View,
  moment: Moment,
  scene: { readonly series: Series; readonly atUnixMs: number },
  room: number,
  columns: number,
  glyphs: Glyphs,
): Screen & { readonly told: string } {
  const { users, leftOut } = usersOf(moment, listed)
  const all = users.length + leftOut
  if (users.length === 0) {
    const text = `nobody is known to use the machine: attribution sees no ${listed}`
    return { lines: room > 0 ? [[piece(fitted(text, columns, glyphs).trimEnd(), 'faint')]] : [], told: '', offset: 0 }
  }
  const first = Math.min(offset, lastOffset(users.length + (leftOut > 0 ? 1 : 0), room))
  const hasMore = leftOut > 0 && first + room > users.length
  const shownUsers = users.slice(first, first + room - (hasMore ? 1 : 0))
  const lines: Line[] = shownUsers.map((user) => userLine(user, listed, scene, columns, glyphs))
  if (hasMore) lines.push([piece(fitted(`and ${leftOut} more`, columns, glyphs).trimEnd(), 'faint')])
  return { lines, told: `${first + 1}-${first + shownUsers.length} of ${all}`, offset: first }
}

/** The farthest that a list of so many lines can be scrolled: its last line stays at the bottom. */
function lastOffset(lines: number, room: number): number {
  return Math.max(0, Number.isFinite(room) ? lines - room : 0)
}

function footLine({ listed }: View, told: string, columns: number, glyphs: Glyphs): Line {
  const other = listed === 'consumers' ? 't tenants' : 'c consumers'
  const keys =
    columns < WIDE ? `q quit  ${other}` : `q quit  ${other}  ${glyphs.arrows} scroll  a bar is ${BAR_MS / 1e3} s`
  const room = columns - columnsOf(told)
  return [piece(fitted(keys, room, glyphs), 'faint'), piece(told, 'faint')]
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + columnsOf(text), 0)
}
