import { printable } from '../model/printable.ts'
import { checklist } from './checklist.ts'
import { type Column, columnsOf } from './columns.ts'
import { fixed, NONE } from './digits.ts'
import { type ReportDocument, section, type Table } from './document-shape.ts'
import { factorTable, gapTable, meterTable, restatementTable } from './evidence-tables.ts'
import { headFigures, statementTable } from './head-figures.ts'
import { methodOf } from './method.ts'
import { publications } from './official-factors.ts'
import type { Report } from './report.ts'
import { utc } from './span.ts'
import { stageSources, stageTable } from './stage-table.ts'

export function documentOf(report: Report): ReportDocument {
  const { about, statement } = report
  const period = `${utc(about.fromUnixMs)} to ${utc(about.untilUnixMs)}`
  const columns = columnsOf(report.rows, report.total, about.currency)
  return {
    title:
      statement === null
        ? 'Energy and carbon report'
        : `Statement of energy and carbon for ${printable(statement.tenant)}`,
    subtitle: `${about.node}, ${period}`,
    facts: headFigures(report),
    sections: [
      ...(statement === null ? [] : [section('What the tenant has', '', statementTable(statement, about.currency))]),
      { ...section(HEADINGS[report.by], legend(columns), rowsTable(report, columns)), isRows: true },
      section('What is left out', 'What the figures do not contain, and why.', exclusionTable(report)),
      section('Interruptions', 'Gaps of the machine and of its parts, as the ledger has them.', gapTable(report)),
      section(
        'Meters',
        'Channels that were read in this time. They overlap: the account counts each joule once.',
        meterTable(report),
      ),
      {
        ...section(
          'Life cycle of the machine',
          'The part of this time of each stage. What is not counted is in no other figure here.',
          stageTable(report),
        ),
        facts: stageSources(report),
      },
      {
        ...section(
          'Figures that emissions were counted with',
          'As they stand now, after every restatement.',
          factorTable(report),
        ),
        facts: publications(report),
      },
      section('Restatements', 'What later figures changed in emissions of this time.', restatementTable(report)),
      { ...section('Method', '', null), facts: methodOf(report) },
      { ...section('Checklist', 'What a reader of such a report has to be told.', null), facts: checklist(report) },
    ].filter(({ table, facts, heading }) => table !== null || facts.length > 0 || heading === 'Restatements'),
  }
}

const HEADINGS = {
  hour: 'By hour',
  day: 'By day',
  month: 'By month',
  part: 'By part of the machine',
  consumer: 'By consumer',
  tenant: 'By tenant',
} as const

/** `kWh: energy. cov%: share of the time that is covered.` */
function legend(columns: readonly Column[]): string {
  const text = columns.map(({ head, about }) => `${head}: ${about}.`).join(' ')
  return `${text} Rows add up to the total in the digits shown (largest remainder).`
}

function rowsTable({ by, rows, statement }: Report, columns: readonly Column[]): Table {
  const hasTenant = by === 'consumer' && statement === null
  const heads = hasTenant ? [by, 'tenant'] : [by]
  const first = heads.length
  return {
    head: [...heads, ...columns.map(({ head }) => head)],
    rows: rows.map(({ label, keys }, index) => [
      printable(label),
      ...(hasTenant ? [printable(keys.tenant ?? '')] : []),
      ...columns.map(({ cells }) => cells[index] ?? NONE),
    ]),
    total: ['total', ...(hasTenant ? [''] : []), ...columns.map((column) => column.total)],
    right: new Set(columns.map((_, index) => first + index)),
  }
}

function exclusionTable({ exclusions }: Report): Table {
  return {
    head: ['what', 'why', 'hours'],
    rows: exclusions.map(({ what, reason, hours }) => [what, reason, fixed(hours, 2)]),
    total: null,
    right: new Set([2]),
  }
}
