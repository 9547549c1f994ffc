/**
 * Compiles the addon if it is missing or older than its sources, against the headers of the very runtime that will load it: nothing is
 * downloaded. Each command that needs the addon calls this first.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, statSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'

const LONGEST_BUILD_MS = 600_000

const root = resolve(import.meta.dirname, '..')
const addon = join(root, 'build/Release/wattledger.node')

if (!isCurrent()) process.exitCode = buildAlone()

/** A deleted source shows as a newer folder. */
function isCurrent(): boolean {
  const modifiedMs = (path: string) => statSync(path).mtimeMs
  if (!existsSync(addon)) return false
  const sources = globSync('native/**', { cwd: root, exclude: ['native/test'] }).map((path) => join(root, path))
  return Math.max(...[join(root, 'binding.gyp'), ...sources].map(modifiedMs)) <= modifiedMs(addon)
}

/** Of two that start at once, one builds and the other waits. SQLite's lock ends with its process, however that ends. */
function buildAlone(): number {
  console.error('build-addon: compiling native/, once; this takes up to half a minute')
  mkdirSync(join(root, 'build'), { recursive: true })
  const lock = new Database(join(root, 'build/addon.lock'), { timeout: LONGEST_BUILD_MS })
  lock.exec('BEGIN EXCLUSIVE')
  return isCurrent() ? 0 : build()
}

function build(): number {
  const nodeDir = resolve(dirname(process.execPath), '..')
  if (!existsSync(join(nodeDir, 'include/node/node_api.h'))) {
    console.error(
      `build-addon: ${nodeDir} has no include/node/node_api.h; run this through npm, whose path starts with Node 24`,
    )
    return 1
  }
  const began = new Date()
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const args = [`--nodedir=${nodeDir}`, `--jobs=${availableParallelism()}`, '--loglevel=error']
  const { status } = spawnSync(process.execPath, [gyp, 'configure', 'build', ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    console.error('build-addon: the addon was not built, for the reason above; it needs g++, make and python3')
    return 1
  }
  // A source that changed meanwhile, or that the compiler did not need, is judged by when this began.
  utimesSync(addon, began, began)
  return 0
}
