/**
 * Prints how far the estimate of machines without a meter is off, on servers that it had not seen: npm run validate -- DIR.
 * DIR is what `npm run fit` reads, WATTLEDGER_DATA names it too. Without one small extracts stand in, whose figures say no
 * more than that the method runs.
 */
import { join } from 'node:path'
import { Fit } from './fit/fit.ts'
import { readMeasurements } from './fit/rows.ts'
import { crossValidationTables } from './fit/tables.ts'

const EXTRACTS = join(import.meta.dirname, '../test/fixtures/servers')

const data = process.argv[2] ?? process.env.WATTLEDGER_DATA ?? EXTRACTS
const fit = new Fit(readMeasurements(data))
console.log(`${fit.rows.length} servers of ${data === EXTRACTS ? 'the extracts in test/fixtures' : data}`)
console.log(crossValidationTables(fit))
