/**
 * Says how far the estimate of machines without a meter is off, on servers that it had not seen, and how far the node model is
 * while a meter is silent: npm run validate -- --data DIR. DIR is what `npm run fit` reads, WATTLEDGER_DATA names it too; what it says is written to docs/validation. Without one small
 * extracts stand in, whose figures say no more than that the method runs.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fit } from './fit/fit.ts'
import { plots } from './fit/plots.ts'
import { readMeasurements } from './fit/rows.ts'
import { crossValidationTables } from './fit/tables.ts'
import { byCpu, crossValidate } from './fit/validation.ts'
import { nodeModelTables } from './node-model/page.ts'
import { plot } from './node-model/plot.ts'
import { readChips } from './node-model/rows.ts'
import { learn, predict } from './node-model/silence.ts'

const ROOT = join(import.meta.dirname, '..')

const data = process.argv.slice(2).find((argument) => argument !== '--data') ?? process.env.WATTLEDGER_DATA ?? null
const fit = new Fit(readMeasurements(data ?? join(ROOT, 'test/fixtures/servers')))
const tables = crossValidationTables(fit)
console.log(tables)
const power = data === null ? join(ROOT, 'test/fixtures/node-power') : join(data, 'node-power')
const chips = readChips(power)
const nodeTables = nodeModelTables(chips, power)
console.log(nodeTables)
if (data === null)
  console.log('\nThese are the extracts in test/fixtures: name the folder of all measurements for more')
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
  const learned = chips.slice(0, 800)
  writeFileSync(join(folder, 'node-model.svg'), plot(predict(learn(learned), chips, learned.length, chips.length)))
  writeFileSync(
    join(ROOT, 'docs/validation/node-model.md'),
    `# Validation of the node model

Written by \`npm run validate\`: a server under sweeps of load, by RAPL and its ACPI power meter each 3 s (kepler-model-db), and days of four
BMCs (fasrc/hpc_sustainability_dataset). [account.md](../account.md#while-the-meter-is-silent) says what the model is for.
${nodeTables}

![measured and predicted power of a silence of 26 minutes, and their difference](node-model.svg)
`,
  )
  console.log(`\n${folder} is written`)
}
