import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { createProgram } from '../../src/commands/program.ts'
import { parsePrices } from '../../src/report/price-file.ts'
import { scratchDirectory } from '../ledger/setting.ts'
import { asked, configured, jsonOf } from './asked.ts'
import { handMade } from './hand-made.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reports.md'), 'utf8')

test("the page's commands make reports", async (t) => {
  const folder = await handMade(t)
  const target = scratchDirectory(t)
  const lines = page.match(/^wattledger report .+$/gm) ?? []
  assert.equal(lines.length, 3)
  for (const line of lines) {
    const typed: Readonly<Record<string, unknown>>[] = []
    const program = createProgram('1', async (_, { options = {} }) => void typed.push(options))
    await program.parseAsync(line.split(' ').slice(1), { from: 'user' })
    const [options = {}] = typed
    const { out } = options
    const answer = await asked(folder, typeof out === 'string' ? { ...options, out: join(target, out) } : options)
    assert.deepEqual([answer.code, answer.err], [0, ''], line)
    if (typeof out === 'string') assert.ok(existsSync(join(target, out)))
  }
})

test("the page's prices can be read", () => {
  const [, prices = ''] = /```csv\n([\s\S]+?)```/.exec(page) ?? []
  assert.deepEqual(
    parsePrices(prices).map(({ micro }) => micro),
    [214_300n, -12_000n],
  )
})

test('the page names every key of the JSON and every column of the CSV', async (t) => {
  const folder = await handMade(t)
  const config = configured(t)
  const named = new Set([...page.matchAll(/`([A-Za-z0-9_,]+)`/g)].flatMap(([, names = '']) => names.split(',')))
  const span = { from: '2026-10-31', to: '2026-11-02' }
  const keysOf = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(keysOf)
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([key, child]) => [
      key,
      ...(key === 'labels' || key === 'dataQuality' ? [] : keysOf(child)),
    ])
  }
  for (const options of [span, { ...span, by: 'consumer' }, { ...span, tenant: 'lab' }]) {
    for (const key of keysOf(await jsonOf(folder, options, config))) assert.ok(named.has(key), key)
    const { out } = await asked(folder, { ...options, format: 'csv' }, { config })
    for (const column of (out.split('\r\n')[0] ?? '').split(',')) assert.ok(named.has(column), column)
  }
})
