import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import { EXPORTED_VIEWS } from '../../src/ledger/view-rows.ts'
import { HOUR_MS } from '../../src/model/time.ts'
import { afterwards, T0 } from '../ledger/setting.ts'
import { sealedLedger } from '../seal/setting.ts'
import { fill, program } from './export-setting.ts'

/** As a reader has it. */
async function readBack(file: string) {
  const bytes = readFileSync(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = parquetMetadata(buffer)
  const types = Object.fromEntries(
    parquetSchema(metadata).children.map(({ element: { name, type, converted_type } }) => [
      name,
      converted_type ?? type,
    ]),
  )
  return { rows: await parquetReadObjects({ file: buffer }), types, groups: metadata.row_groups.length }
}

test('Parquet has every view as the ledger has it, with times, whole numbers, figures and words', async (t) => {
  const books = await sealedLedger(t)
  books.write(0, 30)
  const run = program(books.state)
  const db = openReadOnly(books.path)
  afterwards(t, () => db.close())
  const seen = new Set<unknown>()
  for (const view of EXPORTED_VIEWS) {
    const expected = db.prepare<[], Record<string, string | number | null>>(`SELECT * FROM ${view}`).all()
    const out = join(books.state, `${view}.parquet`)
    assert.deepEqual(await run('export', '--view', view, '--format', 'parquet', '--out', out), {
      status: 0,
      stdout: '',
      stderr: '',
    })
    const { rows, types } = await readBack(out)
    const asLedger = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          if (types[name] === 'TIMESTAMP_MILLIS' && value instanceof Date) return [name, value.getTime()]
          return [name, typeof value === 'bigint' ? Number(value) : (value ?? null)]
        }),
      ),
    )
    const asFile = expected.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          types[name] === 'TIMESTAMP_MILLIS' && value !== null ? Date.parse(String(value)) : value,
        ]),
      ),
    )
    assert.deepEqual(asLedger, asFile, view)
    for (const type of Object.values(types)) seen.add(type)
  }
  assert.deepEqual([...seen].sort(), ['DOUBLE', 'INT64', 'TIMESTAMP_MILLIS', 'UTF8'])
})

test('a file of more rows than one group holds is whole, and one without rows has its columns', async (t) => {
  const books = await sealedLedger(t)
  fill(t, books.path, 24 * 600)
  const run = program(books.state)
  const out = join(books.state, 'hours.parquet')
  assert.equal((await run('export', '--format', 'parquet', '--out', out)).status, 0)
  const { rows, groups } = await readBack(out)
  assert.deepEqual([rows.length, groups], [24 * 600, 2])
  assert.deepEqual(rows.at(-1)?.hour, new Date(T0 + (24 * 600 - 1) * HOUR_MS))
  assert.equal((await run('export', '--format', 'parquet', '--to', '2000-01-01', '--out', out, '--force')).status, 0)
  const none = await readBack(out)
  assert.deepEqual([none.rows.length, none.types.energy_kwh, none.types.hour], [0, 'DOUBLE', 'TIMESTAMP_MILLIS'])
})
