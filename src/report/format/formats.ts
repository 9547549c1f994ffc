import { documentOf } from '../document.ts'
import type { Report } from '../report.ts'
import { csvText } from './csv.ts'
import { htmlText } from './html.ts'
import { manifestText } from './impact-framework.ts'
import { jsonText } from './json.ts'
import { markdownText } from './markdown.ts'
import { tableText } from './table.ts'

export const FORMATS = ['table', 'csv', 'json', 'md', 'html', 'pdf', 'if'] as const
export type Format = (typeof FORMATS)[number]

/** The text of a report; a PDF is printed from its HTML. */
export function textOf(report: Report, format: Exclude<Format, 'pdf'>): string {
  if (format === 'csv') return csvText(report)
  if (format === 'json') return jsonText(report)
  if (format === 'if') return manifestText(report)
  const document = documentOf(report)
  if (format === 'md') return markdownText(document)
  return format === 'html' ? htmlText(report, document) : tableText(document)
}
