import { documentOf } from '../document.ts'
import type { Report } from '../report.ts'
import { chartOf } from './chart.ts'
import { csvText } from './csv.ts'
import { COMMON_FORMATS, documentText } from './document-formats.ts'
import { manifestText } from './impact-framework.ts'
import { jsonText } from './json.ts'

export const FORMATS = [...COMMON_FORMATS, 'if'] as const
export type Format = (typeof FORMATS)[number]

/** The text of a report; a PDF is printed from its HTML. */
export function textOf(report: Report, format: Exclude<Format, 'pdf'>): string {
  if (format === 'csv') return csvText(report)
  if (format === 'json') return jsonText(report)
  if (format === 'if') return manifestText(report)
  return documentText(documentOf(report), format, format === 'html' ? chartOf(report) : '')
}
