import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { test } from 'node:test'
import { Scrape } from '../../src/exporter/scrape.ts'
import type { PushState } from '../../src/model/otlp.ts'

const src = resolve(import.meta.dirname, '../../src')

/** Files that are loaded with one, but for those that are imported when they are needed. */
function loadedWith(entry: string): ReadonlyMap<string, readonly string[]> {
  const loaded = new Map<string, readonly string[]>()
  const waiting = [resolve(src, entry)]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue
    const targets = [...readFileSync(file, 'utf8').matchAll(/^(?:im|ex)port (?!type )[^']*?from '([^']+)'/gm)].map(
      ([, target = '']) => target,
    )
    loaded.set(file, targets)
    for (const target of targets) if (target.startsWith('.')) waiting.push(resolve(dirname(file), target))
  }
  return loaded
}

test('the SDK of OpenTelemetry is loaded where metrics are pushed alone', () => {
  const sdk = (entry: string) =>
    [...loadedWith(entry).values()].flat().filter((target) => target.startsWith('@opentelemetry/'))
  assert.ok(sdk('otlp/create-otlp.ts').length > 3)
  assert.ok(loadedWith('daemon.ts').size > 100)
  for (const entry of ['daemon.ts', 'commands/agent.ts', 'commands/doctor.ts', 'commands/config.ts']) {
    assert.deepEqual(sdk(entry), [], entry)
  }
})

test('a scrape shows what became of the pushes, and nothing where none is configured', async () => {
  let state: PushState | null = null
  let nowMs = 0
  const scrape = new Scrape({ version: '1.2.3', nowMs: () => nowMs, push: () => state })
  const lines = async () => {
    nowMs += 5_000
    const { plain } = await scrape.body('text', null)
    return [...plain.toString().matchAll(/^wattledger_otlp_.*$/gm)].map(([line]) => line)
  }
  assert.deepEqual(await lines(), [])
  state = { pushes: { taken: 5, partial: 2, failed: 1 }, rejectedPoints: 9, lastTakenUnixMs: null }
  assert.deepEqual(await lines(), [
    'wattledger_otlp_pushes_total{result="taken"} 5',
    'wattledger_otlp_pushes_total{result="partial"} 2',
    'wattledger_otlp_pushes_total{result="failed"} 1',
    'wattledger_otlp_rejected_points_total 9',
  ])
  state = { ...state, lastTakenUnixMs: 1_500 }
  assert.ok((await lines()).includes('wattledger_otlp_last_push_timestamp_seconds 1.5'))
})
