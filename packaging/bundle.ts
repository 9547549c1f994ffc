import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { withoutFacades } from './facades.ts'

/** The program, the process that it has examine its configuration, and the thread that reads the ledger for the page. */
const ENTRIES = ['main=src/main.ts', 'examiner=src/commands/examiner.ts', 'worker=src/page/ledger/worker.ts']
/** Are read when they are needed, from beside the program. */
const TABLES = ['src/sensors/estimate/coefficients.json', 'src/sensors/estimate/processors.json']

const OPTIONS = [
  '--bundle',
  '--format=esm',
  '--platform=node',
  '--target=node24',
  // What is imported where it is needed becomes a file of its own, which is read where it is needed.
  '--splitting',
  '--chunk-names=[name]-[hash]',
  // Has a binary beside it.
  '--external:better-sqlite3',
  // As text they are parsed once; as code they would be held twice.
  '--loader:.json=copy',
  // The text stays in memory as long as the process: no comments, and lines that a stack trace can name. Names stay.
  '--minify-whitespace',
  '--line-limit=120',
  '--legal-comments=none',
  '--log-level=warning',
]

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>
}

/**
 * Puts the program and the modules that it calls into few files.
 * @param from has src and node_modules
 * @param out is emptied first
 * @returns folders of the modules that are inside, such as `node_modules/zod`
 */
export function bundle(from: string, out: string): ReadonlySet<string> {
  const esbuild = createRequire(import.meta.url).resolve(`@esbuild/linux-${process.arch}/bin/esbuild`)
  const metafile = `${out}.json`
  rmSync(out, { recursive: true, force: true })
  const args = [...ENTRIES, ...OPTIONS, `--metafile=${metafile}`, `--outdir=${out}`]
  execFileSync(esbuild, args, { cwd: from, stdio: ['ignore', 'inherit', 'inherit'] })
  withoutFacades(out)
  for (const table of TABLES) cpSync(join(from, table), join(out, basename(table)))
  cpSync(join(from, 'src/page/browser'), join(out, 'browser'), { recursive: true })
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile
  rmSync(metafile)
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))
  return new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
}
