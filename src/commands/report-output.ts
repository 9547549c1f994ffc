import { existsSync, linkSync, lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Format, textOf } from '../report/format/formats.ts'
import { printPdf } from '../report/format/pdf.ts'
import type { Report } from '../report/report.ts'
import { ReportFault } from '../report/report-fault.ts'

export interface Target {
  /** Null for standard output. */
  readonly out: string | null
  readonly force: boolean
  readonly stdout: NodeJS.WritableStream
  readonly env: NodeJS.ProcessEnv
  readonly render: typeof textOf
}

/** Writes a report where it was asked for: all of it or nothing. Throws a ReportFault. */
export async function writeReport(report: Report, format: Format, target: Target): Promise<void> {
  const { out, force, stdout, env, render } = target
  const content = format === 'pdf' ? await printPdf(render(report, 'html'), env) : render(report, format)
  if (out === null) await written(stdout, content)
  else writeWhole(out, content, force)
}

/** Standard output may be a file on a full disk. A reader that has gone wants no more, and that is no failure. */
function written(stdout: NodeJS.WritableStream, content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: NodeJS.ErrnoException | null) => {
      if (error == null || error.code === 'EPIPE') resolve()
      else reject(new ReportFault('REPORT_OUTPUT', `cannot write the report: ${error.message}`, { cause: error }))
    }
    // Without a listener the event that follows would end the process.
    stdout.once('error', end)
    stdout.write(content, end)
  })
}

/** Throws a ReportFault for a file that is there. */
export function refuseExisting(path: string): void {
  // A link that leads nowhere is there, too.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw exists(path)
}

/** Beside it first, so that a full disk leaves what was there. */
function writeWhole(path: string, content: string | Uint8Array, force: boolean): void {
  const beside = resolve(`${path}.${process.pid}.part`)
  try {
    requirePlain(path)
    writeFileSync(beside, content, { flag: 'wx' })
    if (force) renameSync(beside, path)
    else linkSync(beside, path)
  } catch (cause) {
    if (cause instanceof ReportFault) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' && !force && existsSync(path)) throw exists(path)
    throw new ReportFault('REPORT_OUTPUT', `--out: cannot write ${path}: ${message}`, { cause })
  } finally {
    rmSync(beside, { force: true })
  }
}

/** A device or a folder is not to be replaced by a file. */
function requirePlain(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined || there.isFile()) return
  throw new ReportFault('REPORT_OUTPUT', `--out: ${path} is there and is no regular file: choose another name`)
}

function exists(path: string): ReportFault {
  return new ReportFault(
    'REPORT_OUTPUT',
    `--out: ${path} is there already: choose another name, or overwrite it with --force`,
  )
}
