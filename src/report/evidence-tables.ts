import { HOUR_MS } from '../model/time.ts'
import { UJ_PER_KWH } from '../model/units.ts'
import { decimalText, fixed, NONE } from './digits.ts'
import type { Table } from './document-shape.ts'
import { amount } from './head-figures.ts'
import type { Report } from './report.ts'
import { utc } from './span.ts'

const UG_PER_MG = 1_000n

/** Null where there is nothing to list. */
function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): Table | null {
  return rows.length === 0 ? null : { head, rows, total: null, right: new Set(right) }
}

export function gapTable({ gaps, about }: Report): Table | null {
  const clipped = (ms: bigint) => utc(Math.min(about.untilUnixMs, Math.max(about.fromUnixMs, Number(ms))))
  const rows = gaps.map(({ device, reason, count, ms, firstMs, lastMs }) => [
    device === '' ? 'machine' : device,
    reason,
    String(count),
    fixed(Number(ms) / HOUR_MS, 2),
    clipped(firstMs),
    clipped(lastMs),
  ])
  return tableOf(['of', 'reason', 'times', 'hours', 'first', 'last'], rows, [2, 3])
}

/** Without energy in a statement: what others had is none of a tenant's business. */
export function meterTable({ meters, about, statement }: Report): Table | null {
  const spanMs = about.untilUnixMs - about.fromUnixMs
  const rows = meters.map(({ sensor, scope, device, quality, energyUj, coveredMs }) => [
    sensor,
    scope,
    device,
    quality ?? NONE,
    fixed(Math.min(100, (100 * Number(coveredMs)) / spanMs), 1),
    ...(statement === null ? [amount(energyUj, UJ_PER_KWH)] : []),
  ])
  const head = ['sensor', 'scope', 'device', 'quality', 'cov%', ...(statement === null ? ['kWh'] : [])]
  return tableOf(head, rows, [4, 5])
}

export function factorTable({ factors }: Report): Table | null {
  const rows = factors.map((one) => {
    const { account, instrument, source, zone, basis, status, dq, uncertaintyPct, gPerKwh, hours } = one
    const isConstant = one.leastGPerKwh === one.mostGPerKwh
    const range = isConstant ? '' : ` (${fixed(one.leastGPerKwh, 0)}–${fixed(one.mostGPerKwh, 0)})`
    return [
      account,
      [instrument, source, zone, basis].filter((text) => text !== '').join(', '),
      status,
      `${fixed(gPerKwh, 1)}${range}`,
      fixed(uncertaintyPct, 0),
      String(dq),
      String(hours),
    ]
  })
  return tableOf(['account', 'figure', 'status', 'g/kWh', '±%', 'dq', 'hours'], rows, [3, 4, 5, 6])
}

/** Without masses in a statement, since they are the machine's. */
export function restatementTable({ restatements, statement }: Report): Table | null {
  const rows = restatements.map(({ account, wasSource, source, status, count, changeUg, firstMs, lastMs }) => [
    account,
    wasSource === source ? source : `${wasSource} -> ${source}`,
    status,
    utc(Number(firstMs)),
    utc(Number(lastMs)),
    String(count),
    ...(statement === null ? [`${changeUg > 0n ? '+' : ''}${decimalText(changeUg / UG_PER_MG, 6)}`] : []),
  ])
  const change = statement === null ? ['change, kg'] : []
  return tableOf(['account', 'source', 'status', 'first made', 'last made', 'times', ...change], rows, [5, 6])
}
