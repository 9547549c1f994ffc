import type { Fact, ReportDocument, Section, Table } from '../document-shape.ts'

/** Markdown with tables (GitHub's). */
export function markdownText({ title, subtitle, facts, sections }: ReportDocument): string {
  return [`# ${safe(title)}`, '', safe(subtitle), '', ...factLines(facts), ...sections.flatMap(sectionLines), ''].join(
    '\n',
  )
}

function sectionLines({ heading, about, table, facts }: Section): string[] {
  return [
    '',
    `## ${heading}`,
    '',
    ...(about === '' ? [] : [safe(about), '']),
    ...(table === null ? (facts.length === 0 ? ['None.'] : []) : tableLines(table)),
    ...factLines(facts),
  ]
}

function factLines(facts: readonly Fact[]): string[] {
  return facts.map(([name, value]) => `- **${safe(name)}:** ${safe(value)}`)
}

function tableLines({ head, rows, total, right }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const bold = (total ?? []).map((cell) => (cell === '' ? '' : `**${safe(cell)}**`))
  return [
    line(head.map(safe)),
    line(head.map((_, column) => (right.has(column) ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(safe))),
    ...(total === null ? [] : [line(bold)]),
  ]
}

/** Nothing that a name holds is markup. */
function safe(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#~]/g, '\\$&')
}
