import assert from 'node:assert/strict'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import { parsePrices } from '../../../src/report/price-file.ts'
import type { FuzzTarget } from '../target.ts'

/** A file of prices: in order, without overlap, or places with reasons. */
export const priceFile: FuzzTarget = {
  name: 'price-file',
  tokens: [
    'start,end,per_kwh',
    ',',
    '\n',
    '\r\n',
    '\uFEFF',
    '2026-01-31T12:00:00Z',
    '2026-01-31T12:15:00.5+05:45',
    '0.27',
    '-0.012',
    '1000001',
    '1e3',
    '"',
    '""',
    '-',
    '\\u0000',
  ],
  run(input) {
    try {
      let last = Number.NEGATIVE_INFINITY
      for (const { startsUnixMs, endsUnixMs, micro } of parsePrices(input.toString('utf8'))) {
        assert.ok(Number.isSafeInteger(startsUnixMs) && Number.isSafeInteger(endsUnixMs))
        assert.ok(startsUnixMs >= last && endsUnixMs > startsUnixMs)
        assert.ok(micro >= -(10n ** 12n) && micro <= 10n ** 12n)
        last = endsUnixMs
      }
    } catch (error) {
      assert.ok(error instanceof TableError, error instanceof Error ? error.stack : String(error))
      for (const place of error.places) assert.match(place, /^(?:\d+:\d+:)? ?expected .+, received [^\n]+$/)
    }
  },
}
