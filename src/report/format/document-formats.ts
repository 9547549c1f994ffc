import type { ReportDocument } from '../document-shape.ts'
import { htmlText } from './html.ts'
import { markdownText } from './markdown.ts'
import { tableText } from './table.ts'

/** What every report can be written as: for people by its document, for programs by rows and data. */
export const COMMON_FORMATS = ['table', 'csv', 'json', 'md', 'html', 'pdf'] as const
export type CommonFormat = (typeof COMMON_FORMATS)[number]

/** The text of a document in a format for people; a PDF is printed from its HTML. `picture` is SVG of ours. */
export function documentText(document: ReportDocument, format: 'table' | 'md' | 'html', picture = ''): string {
  if (format === 'md') return markdownText(document)
  return format === 'html' ? htmlText(document, picture) : tableText(document)
}
