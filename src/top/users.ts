import { type Glyphs, sparkline } from './glyphs.ts'
import type { Moment } from './moment.ts'
import { WIDE } from './parts.ts'
import { consumerKey, type Series, tenantKey } from './series.ts'
import { amount, fitted, type Line, piece, shown } from './text.ts'

export type Listed = 'consumers' | 'tenants'

interface User {
  readonly key: string
  readonly name: string
  readonly tenant: string
  readonly watts: number | null
  readonly idleW: number | null
  readonly todayKwh: number | null
}

/** Whoever is named, those with the most power first. */
export function usersOf(moment: Moment, listed: Listed): { readonly users: readonly User[]; readonly leftOut: number } {
  if (listed === 'tenants') {
    const users = moment.tenants.map(({ tenant, power_w, today_kwh }) => {
      return { key: tenantKey(tenant), name: tenant, tenant: '', watts: power_w, idleW: null, todayKwh: today_kwh }
    })
    return { users, leftOut: moment.tenants_left_out }
  }
  const users = moment.consumers.map((one) => ({
    key: consumerKey(one),
    name: one.kind === one.name ? one.kind : `${one.kind} ${one.name}`,
    tenant: one.tenant,
    watts: one.power_w,
    idleW: one.idle_w,
    todayKwh: one.today_kwh,
  }))
  return { users, leftOut: moment.consumers_left_out }
}

export function usersHead(listed: Listed, columns: number, glyphs: Glyphs): Line {
  const widths = widthsFor(listed, columns)
  const words = [
    fitted(listed === 'tenants' ? 'TENANT' : 'CONSUMER', widths.name, glyphs),
    ...(widths.tenant > 0 ? [fitted('TENANT', widths.tenant, glyphs)] : []),
    fitted('WATTS', 7, glyphs, 'right'),
    ...(widths.idle > 0 ? [fitted('IDLE', widths.idle, glyphs, 'right')] : []),
    ...(widths.today > 0 ? [fitted('KWH TODAY', widths.today, glyphs, 'right')] : []),
  ]
  return [piece(words.join(' '), 'faint')]
}

export function userLine(
  { name, tenant, watts, idleW, todayKwh, key }: User,
  listed: Listed,
  { series, atUnixMs }: { readonly series: Series; readonly atUnixMs: number },
  columns: number,
  glyphs: Glyphs,
): Line {
  const widths = widthsFor(listed, columns)
  const bars = sparkline(series.last(key, widths.bars, atUnixMs), glyphs)
  const kwh = todayKwh === null ? glyphs.none : todayKwh > 0 && todayKwh < 0.0005 ? '<0.001' : todayKwh.toFixed(3)
  return [
    piece(fitted(shown(name, glyphs), widths.name, glyphs)),
    ...(widths.tenant > 0 ? [piece(` ${fitted(shown(tenant, glyphs), widths.tenant, glyphs)}`, 'faint')] : []),
    piece(` ${fitted(amount(watts, glyphs), 7, glyphs, 'right')}`, 'strong'),
    ...(widths.idle > 0 ? [piece(` ${fitted(amount(idleW, glyphs), widths.idle, glyphs, 'right')}`)] : []),
    ...(widths.today > 0 ? [piece(` ${fitted(kwh, widths.today, glyphs, 'right')}`)] : []),
    piece(` ${bars}`),
  ]
}

/** 0 for a column that there is no room for. */
function widthsFor(listed: Listed, columns: number) {
  const isWide = columns >= WIDE
  const tenant = listed === 'consumers' && isWide ? (columns >= 100 ? 18 : 12) : 0
  const idle = listed === 'consumers' && isWide ? 7 : 0
  const today = isWide ? 9 : 0
  const bars = columns >= 100 ? 24 : isWide ? 12 : 8
  const others = [tenant, idle, today].reduce((sum, width) => sum + (width > 0 ? width + 1 : 0), 0)
  return { tenant, idle, today, bars, name: Math.max(1, columns - others - 8 - 1 - bars) }
}
