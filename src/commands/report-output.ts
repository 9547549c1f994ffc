import { writeFile } from 'node:fs/promises'
import { printPdf } from '../report/format/pdf.ts'
import type { NewFile } from './new-file.ts'
import { pour } from './standard-output.ts'

export interface Place {
  /** Null for standard output. */
  readonly file: NewFile | null
  readonly stdout: NodeJS.WritableStream
  readonly env: NodeJS.ProcessEnv
}

/** Writes a report where it was asked for: all of it or nothing. */
export async function writeReport<Format extends string>(
  render: (format: Exclude<Format, 'pdf'> | 'html') => string,
  format: Format,
  { file, stdout, env }: Place,
): Promise<void> {
  const content = format === 'pdf' ? await printPdf(render('html'), env) : render(format as Exclude<Format, 'pdf'>)
  if (file === null) await pour([content], stdout)
  else await file.write((draft) => writeFile(draft, content, { flag: 'wx', flush: true }))
}
