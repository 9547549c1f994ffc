/**
 * Fits the estimate of machines without a meter to measured servers and writes its coefficients:
 *
 *   npm run fit -- --data DIR [--exclude FILE] [--score FILE] [--out FILE] [--date DATE]
 *
 * DIR holds `specpower/servers.csv` and `specpower/servers-idle-full.csv` (as collected in green-coding-solutions/
 * spec-power-model and cloud-carbon-footprint/ccf-coefficients); WATTLEDGER_DATA names it too. The CPU models in the lines of
 * `--exclude` are left out of both, however they are spelled. `--score` compares the fit with other servers, in a file like
 * servers.csv. `--processors` makes the catalogue of processors anew instead, from `cpu/` in DIR.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Fit } from './fit/fit.ts'
import { processorTable } from './fit/processor-table.ts'
import { readCsv, readMeasurements, readRows, withoutCpus } from './fit/rows.ts'
import { crossValidationTables, scoreTable } from './fit/tables.ts'
import { coefficientsOf } from './fit/write-coefficients.ts'

const FOLDER = join(import.meta.dirname, '../src/sensors/estimate')

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.WATTLEDGER_DATA ?? '' },
    exclude: { type: 'string' },
    score: { type: 'string' },
    out: { type: 'string' },
    date: { type: 'string' },
    processors: { type: 'boolean', default: false },
  },
})
if (values.data === '')
  throw new Error('the measurements are missing: name their folder with --data DIR or in WATTLEDGER_DATA')

if (values.processors) write('processors.json', processorTable(values.data))
else fit(values.data)

function fit(data: string): void {
  const all = readMeasurements(data)
  const rows = values.exclude === undefined ? all : withoutCpus(all, readFileSync(values.exclude, 'utf8'))
  if (rows.length < all.length) console.log(`${all.length - rows.length} of ${all.length} servers are left out`)
  const made = new Fit(rows)
  write('coefficients.json', coefficientsOf(made, values.date))
  console.log(crossValidationTables(made))
  if (values.score === undefined) return
  const scored = readRows(values.score)
  console.log(scoreTable(made, scored))
  const others = readCsv(values.score).length - scored.length
  if (others > 0) console.log(`\n${others} rows are not scored: several nodes in one, or no power when idle`)
}

function write(name: string, text: string): void {
  const file = resolve(values.out ?? join(FOLDER, name))
  writeFileSync(file, text)
  console.log(`${relative(process.cwd(), file)} is written: ${Math.round(text.length / 1000)} kB`)
}
