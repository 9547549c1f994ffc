/**
 * Says how far the estimate of machines without a meter is off, on servers that it had not seen: npm run validate -- DIR. DIR
 * is what `npm run fit` reads, WATTLEDGER_DATA names it too; what it says is written to docs/validation. Without one small
 * extracts stand in, whose figures say no more than that the method runs.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fit } from './fit/fit.ts'
import { plots } from './fit/plots.ts'
import { readMeasurements } from './fit/rows.ts'
import { crossValidationTables } from './fit/tables.ts'
import { byCpu, crossValidate } from './fit/validation.ts'

const ROOT = join(import.meta.dirname, '..')

const data = process.argv[2] ?? process.env.WATTLEDGER_DATA ?? null
const fit = new Fit(readMeasurements(data ?? join(ROOT, 'test/fixtures/servers')))
const tables = crossValidationTables(fit)
console.log(tables)
if (data === null)
  console.log('\nThese are the extracts in test/fixtures/servers: name the folder of all measurements for more')
else write()

function write(): void {
  const folder = join(ROOT, 'docs/validation')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'estimate.svg'), plots(crossValidate(fit, byCpu)))
  writeFileSync(
    join(folder, 'estimate.md'),
    `# Validation of the estimate

Written by \`npm run validate\`: ${fit.rows.length} servers of ${new Set(fit.rows.map(byCpu)).size} CPU models, measured with
SPECpower_ssj2008 (spec.org). Each one is predicted by a model that has seen neither it nor any other server of its CPU model, or, where the
model is known from another machine, of its CPU model in the same product. What the agent sees of a server is less than was published: not the
year. [estimate.md](../estimate.md) says how the model is made.
${tables}

![predicted over measured power, and the share that each interval holds](estimate.svg)
`,
  )
  console.log(`\n${folder} is written`)
}
