import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { parse } from 'yaml'
import { scratchDirectory } from '../ledger/setting.ts'
import { asked, jsonOf } from '../report/asked.ts'
import { handMade } from '../report/hand-made.ts'

const VERSION = '1.1.0'

/** Installed once beside the other programs of tests, since its thirty megabytes are for this test alone. */
function framework(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'wattledger-tests', `impact-framework-${VERSION}`)
  if (existsSync(folder)) return folder
  const fresh = mkdtempSync(join(tmpdir(), 'wattledger-if-'))
  const besides = `${folder}.${process.pid}`
  try {
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }')
    execFileSync('npm', ['install', '--ignore-scripts', `@grnsft/if@${VERSION}`], { cwd: fresh, stdio: 'pipe' })
    mkdirSync(join(folder, '..'), { recursive: true })
    // Not by a rename out of /tmp, which may be another file system.
    cpSync(fresh, besides, { recursive: true })
    renameSync(besides, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}

let folder: string
before(() => {
  folder = framework()
})

interface Node {
  readonly aggregated: Readonly<Record<string, number>>
  readonly children: Readonly<Record<string, Node>>
}

const SPAN = { from: '2026-10-31T22:00:00Z', to: '2026-11-01T02:00:00Z' }

function near(value: number | undefined, expected: number, what: string): void {
  assert.ok(
    value !== undefined && Math.abs(value - expected) <= 1e-9 * expected,
    `${what}: ${value} is not ${expected}`,
  )
}

for (const options of [
  { ...SPAN, by: 'hour' },
  { ...SPAN, by: 'day' },
  { ...SPAN, by: 'tenant' },
  { tenant: 'lab', month: '2026-10' },
]) {
  test(`if-run takes the manifest of ${JSON.stringify(options)} and comes to our figures`, async (t) => {
    const ledger = await handMade(t)
    const { total } = await jsonOf(ledger, options)
    const { code, out, err } = await asked(ledger, { ...options, format: 'if' })
    assert.deepEqual([code, err], [0, ''])
    const place = scratchDirectory(t)
    const manifest = join(place, 'manifest.yaml')
    writeFileSync(manifest, out)
    const run = join(folder, 'node_modules/@grnsft/if/build/if-run/index.js')
    execFileSync(process.execPath, [run, '--manifest', manifest, '--output', join(place, 'out')], { stdio: 'pipe' })
    const computed = parse(readFileSync(join(place, 'out.yaml'), 'utf8')) as {
      tree: Node
      execution: { status: string }
    }
    assert.equal(computed.execution.status, 'success')
    const { energy, carbon, 'carbon-operational': use, 'carbon-embodied': making } = computed.tree.aggregated
    near(energy, total.energyKwh, 'energy')
    near(use, total.locationG, 'use')
    if (total.embodiedG !== null) near(making, total.embodiedG, 'making')
    near(carbon, total.locationG + (total.embodiedG ?? 0), 'all')
  })
}
