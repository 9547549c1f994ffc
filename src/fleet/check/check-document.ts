import { printable } from '../../model/printable.ts'
import { UJ_PER_KWH } from '../../model/units.ts'
import { fixed, NONE } from '../../report/digits.ts'
import { type ReportDocument, section, type Table } from '../../report/document-shape.ts'
import { amount } from '../../report/head-figures.ts'
import { utc } from '../../report/span.ts'
import { type PlaceBalance, unexplainedJ } from '../account/balances.ts'
import type { FleetCheck } from './check.ts'
import { FINDINGS } from './finding.ts'

const J_PER_KWH = 3.6e6

export function checkDocument(check: FleetCheck): ReportDocument {
  return {
    title: 'Check of the fleet',
    subtitle: `${check.server}, ${utc(check.fromUnixMs)} to ${utc(check.untilUnixMs)}`,
    facts: [
      ['Hosts', `${check.hosts} of ${check.expected}`],
      ['Coverage', fixed(check.coveragePct, 2, ' % of host hours')],
      ['Energy of hosts', `${amount(check.energyUj, UJ_PER_KWH)} kWh`],
      ['Meters of the site', String(check.meters)],
      ['Findings', String(check.findings.length)],
      ['Asked again', `${check.retries} times`],
      ['Version', check.version],
    ],
    sections: [
      { ...section('Findings', '', findingTable(check)), isRows: true },
      section(
        'Balances',
        'Supply of each metered place against what is metered inside it and its hosts, over hours in which all of them are known. ' +
          'Unexplained is what is left beyond the usual loss; ±: what meters may be off by, 95 %.',
        balanceTable(check.balances),
      ),
      section(
        'Adjustment',
        'What weighted least squares by the stated uncertainties change, so that each balance holds. No other figure contains it.',
        adjustmentTable(check.balances),
      ),
    ],
  }
}

function findingTable({ findings }: FleetCheck): Table | null {
  if (findings.length === 0) return null
  return {
    head: ['what', 'where', 'which', 'hours'],
    rows: findings.map(({ kind, where, text, hours }) => [
      FINDINGS[kind],
      printable(where),
      printable(text),
      hours === null ? NONE : String(Math.round(hours)),
    ]),
    total: null,
    right: new Set([3]),
  }
}

function balanceTable(balances: readonly PlaceBalance[]): Table | null {
  if (balances.length === 0) return null
  return {
    head: ['place', 'hours', 'supply', 'inside', 'hosts', 'unexplained', '%', '±%'],
    rows: balances.map((balance) => {
      const { supplied, balanced, supplyJ, innerJ, machinesJ, toleranceJ } = balance
      const off = unexplainedJ(balance)
      const share = (joules: number) => (supplyJ === 0 ? NONE : ((100 * joules) / supplyJ).toFixed(2))
      return [
        printable(supplied.place.name),
        String(balanced),
        ...[supplyJ, innerJ, machinesJ, off].map(kwh),
        share(off),
        share(toleranceJ),
      ]
    }),
    total: null,
    right: new Set([1, 2, 3, 4, 5, 6, 7]),
  }
}

function adjustmentTable(balances: readonly PlaceBalance[]): Table | null {
  const open = balances.filter(({ balanced }) => balanced > 0)
  if (open.length === 0) return null
  return {
    head: ['place', 'supply', 'hosts', 'loss'],
    rows: open.map(({ supplied, adjusted }) => [
      printable(supplied.place.name),
      ...[adjusted.supply, adjusted.machines, adjusted.loss].map((joules) => `${joules > 0 ? '+' : ''}${kwh(joules)}`),
    ]),
    total: null,
    right: new Set([1, 2, 3]),
  }
}

function kwh(joules: number): string {
  return (joules / J_PER_KWH).toFixed(3)
}
