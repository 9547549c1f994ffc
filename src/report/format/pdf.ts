import { execFile } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { ReportFault } from '../report-fault.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome-headless-shell']
const DEADLINE_MS = 60_000

/** Prints HTML by a Chromium of this machine, without a network. Throws a ReportFault where there is none or it fails. */
export async function printPdf(html: string, env: NodeJS.ProcessEnv): Promise<Uint8Array> {
  const browser = browserOf(env)
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-report-'))
  try {
    const [page, pdf] = [join(folder, 'report.html'), join(folder, 'report.pdf')]
    writeFileSync(page, html)
    await promisify(execFile)(browser, argumentsOf(folder, page, pdf), {
      env,
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    })
    return readFileSync(pdf)
  } catch (cause) {
    const [reason = ''] = String((cause as { stderr?: string }).stderr ?? cause)
      .trim()
      .split('\n')
      .slice(-1)
    throw new ReportFault('REPORT_OUTPUT', `${browser} could not print the report: ${reason}. Use --format html`, {
      cause,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function argumentsOf(folder: string, page: string, pdf: string): string[] {
  return [
    '--headless',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--no-first-run',
    '--no-pdf-header-footer',
    `--user-data-dir=${join(folder, 'profile')}`,
    // The page is our own and has no script; Chromium refuses to run as root with its sandbox.
    ...(process.geteuid?.() === 0 ? ['--no-sandbox'] : []),
    `--print-to-pdf=${pdf}`,
    pathToFileURL(page).href,
  ]
}

function browserOf({ PATH = '' }: NodeJS.ProcessEnv): string {
  const folders = PATH.split(delimiter).filter(isAbsolute)
  const found = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
  if (found !== undefined) return found
  throw new ReportFault(
    'REPORT_OUTPUT',
    'a PDF is printed by Chromium, which is not on this machine: install chromium, or use --format html and print it in any browser',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
