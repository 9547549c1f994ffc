import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'

const root = resolve(import.meta.dirname, '../..')

/** Writes down what a process loads, as it loads it: the agent's examiner does so too. */
const RECORDER = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED + process.pid, url + '\\n')
    return next(url, context)
  },
})`

/** Modules by name, and files of the program. */
const FOR_OTHERS = [
  // The configuration is examined by another process, and what its service types needs no parser.
  /^(?:zod|yaml|commander)$/,
  /^src\/config\//,
  /^src\/(?:.+\/)?(?:\w+-)?schema\.ts$/,
  // What nothing is configured for, on the machine or in the file.
  /^(?:net-snmp|bcryptjs|re2js|@opentelemetry\/.+|pino-pretty|systeminformation|uplot)$/,
  /^src\/sensors\/(?:file|http|nut|pdu|redfish)\/(?!teller\.ts)/,
  /^src\/(?:otlp|fleet|top|report)\//,
  // The page, while nobody looks at it.
  /^src\/page\/(?!page\.ts|assets\.ts|style\.ts|recent-pace\.ts)/,
  /openapi/,
]

test('an agent with its defaults loads nothing that only others need', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-loads-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const recorder = join(folder, 'recorder.mjs')
  writeFileSync(recorder, RECORDER)
  process.env.LOADED = join(folder, 'loaded-by-')
  t.after(() => delete process.env.LOADED)
  await using host = new Host({ ...bare, ...xeon2s })
  const agent = await host.start([`--import=${recorder}`, join(root, 'src/main.ts')])
  await agent.scrape()
  const loaded = loadedIn(readFileSync(join(folder, `loaded-by-${agent.process.pid}`), 'utf8'))
  assert.ok(loaded.has('src/daemon.ts') && loaded.has('src/sensors/rapl/rapl.ts') && loaded.has('better-sqlite3'))
  const superfluous = [...loaded].filter((name) => FOR_OTHERS.some((pattern) => pattern.test(name)))
  assert.deepEqual(superfluous, [])
})

/** As `src/daemon.ts`, and as `yaml` for each file of a module. */
function loadedIn(list: string): ReadonlySet<string> {
  const base = pathToFileURL(`${root}/`).href
  const names = list.split('\n').flatMap((url) => {
    if (!url.startsWith(base)) return []
    const path = url.slice(base.length)
    return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path
  })
  return new Set(names)
}
