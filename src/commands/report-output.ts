import { writeFile } from 'node:fs/promises'
import type { Format, textOf } from '../report/format/formats.ts'
import { printPdf } from '../report/format/pdf.ts'
import type { Report } from '../report/report.ts'
import type { NewFile } from './new-file.ts'
import { pour } from './standard-output.ts'

export interface Place {
  /** Null for standard output. */
  readonly file: NewFile | null
  readonly stdout: NodeJS.WritableStream
  readonly env: NodeJS.ProcessEnv
  readonly render: typeof textOf
}

/** Writes a report where it was asked for: all of it or nothing. */
export async function writeReport(report: Report, format: Format, { file, stdout, env, render }: Place): Promise<void> {
  const content = format === 'pdf' ? await printPdf(render(report, 'html'), env) : render(report, format)
  if (file === null) await pour([content], stdout)
  else await file.write((draft) => writeFile(draft, content, { flag: 'wx', flush: true }))
}
