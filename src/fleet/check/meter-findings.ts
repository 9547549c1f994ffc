import { HOUR_MS } from '../../model/time.ts'
import { utc } from '../../report/span.ts'
import { type FleetAccount, type MeterSeries, WHOLE } from '../account/account.ts'
import { type PlaceBalance, unexplainedJ } from '../account/balances.ts'
import type { Finding } from './finding.ts'
import type { Liar } from './suspects.ts'
import type { Swap } from './swap.ts'

export function meterFindings({ meters, span, hours }: FleetAccount): Finding[] {
  return [...meters.values()].flatMap((series) => meterFindingsOf(series, span.from, hours))
}

function meterFindingsOf({ meter, covered, falls, spreadMs }: MeterSeries, from: number, hours: number): Finding[] {
  const { name, sinceUnixMs, untilUnixMs } = meter
  const isThere = (at: number) =>
    from + at * HOUR_MS >= (sinceUnixMs ?? -Infinity) && from + (at + 1) * HOUR_MS <= (untilUnixMs ?? Infinity)
  const due = Array.from({ length: hours }, (_, at) => at).filter(isThere)
  const missed = due.filter((at) => (covered[at] ?? 0) < WHOLE)
  const found: Finding[] = []
  if (due.length > 0 && missed.length === due.length) {
    found.push({
      kind: 'meter-silent',
      where: name,
      text: 'has no values: check its series and its exporter',
      hours: due.length,
    })
  } else if (missed.length > 0) {
    const [first = 0] = missed
    const spread = spreadMs === 0 ? '' : ', whose sum is known'
    const text = `misses ${missed.length} of ${due.length} hours${spread}, the first at ${utc(from + first * HOUR_MS)}: check its exporter`
    found.push({ kind: 'meter-gaps', where: name, text, hours: missed.length })
  }
  if (falls > 0) {
    const text = `fell ${falls} times, and counts nothing for these steps: it was set back or replaced (see since and until)`
    found.push({ kind: 'meter-fell', where: name, text, hours: null })
  }
  return found
}

/** What no host explains, beyond what meters are off by. */
export function balanceFindings(balances: readonly PlaceBalance[]): Finding[] {
  return balances
    .filter((balance) => balance.balanced > 0 && Math.abs(unexplainedJ(balance)) > balance.toleranceJ)
    .map((balance) => {
      const off = unexplainedJ(balance)
      const share = ((100 * off) / balance.supplyJ).toFixed(1)
      const remedy =
        off > 0
          ? 'a host may lack an agent or stand elsewhere'
          : 'hosts tell more than goes in: a label, a meter or its factor may be wrong'
      return {
        kind: 'unexplained',
        where: balance.supplied.place.name,
        text: `${share} % of its supply is not explained, beyond its usual loss and what its meters are off by: ${remedy}`,
        hours: balance.balanced,
      } as const
    })
}

export function suspectFindings(
  { liars, swaps }: { readonly liars: readonly Liar[]; readonly swaps: readonly Swap[] },
  from: number,
): Finding[] {
  return [
    ...liars.map(({ series, excess, balance, hours, since }) => {
      const percent = `${Math.round(100 * Math.abs(excess))} % too ${excess > 0 ? 'much' : 'little'}`
      const when = since === 0 ? '' : ` since ${utc(from + since * HOUR_MS)}`
      return {
        kind: 'meter-suspect',
        where: series.host.node,
        text: `shows about ${percent}${when}, by the meter of ${balance.supplied.place.name}: check its BMC, or set node.meter to another`,
        hours,
      } as const
    }),
    ...swaps.map(({ from: a, to: b, leaves, comes, hours }) => ({
      kind: 'place-suspect' as const,
      where: [leaves, comes].flatMap((one) => one?.host.node ?? []).join(' and '),
      text: swapText(leaves, comes, a.supplied.place.name, b.supplied.place.name),
      hours,
    })),
  ]
}

function swapText(leaves: Swap['leaves'], comes: Swap['comes'], from: string, to: string): string {
  const remedy = 'by the meters of both: check node.labels'
  if (leaves !== null && comes !== null)
    return `seem swapped: ${leaves.host.node} draws from ${to} and ${comes.host.node} from ${from}, ${remedy}`
  return leaves === null
    ? `seems to draw from ${from} and not from ${to}, ${remedy}`
    : `seems to draw from ${to} and not from ${from}, ${remedy}`
}
