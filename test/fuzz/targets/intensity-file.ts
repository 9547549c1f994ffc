import assert from 'node:assert/strict'
import { HEADER, parseIntensities } from '../../../src/carbon/sources/intensity-file.ts'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import type { FuzzTarget } from '../target.ts'

/** An intensity file, CSV, a download or JSON by its content: periods that can be, or places with reasons. */
export const intensityFile: FuzzTarget = {
  name: 'intensity-file',
  tokens: [
    HEADER,
    ',',
    '\n',
    '\r\n',
    '\uFEFF',
    'DE',
    '2026-01-31T12:00:00Z',
    '2026-02-30T',
    '+14:00',
    '-00:30',
    '2000',
    '0.1',
    'direct',
    'life-cycle',
    '"',
    '\t',
    '[{"zone":"DE","start":"2026-01-31T12:00:00Z","end":"2026-01-31T13:00:00Z","g_per_kwh":1.5e2,"basis":"direct"}]',
    '"zone"',
    '"g_per_kwh":',
    '\\u0000',
    '\\ud800',
    '[',
    '{',
    '}',
    ']',
    'null',
    '-1e999',
    'Datetime (UTC),Zone id,Carbon intensity gCO₂eq/kWh (direct),Carbon intensity gCO₂eq/kWh (Life cycle),Data estimated',
    '2026-01-31 12:00:00,DE,1,2,true',
  ],
  run(input) {
    const text = input.toString('utf8')
    try {
      for (const { startsUnixMs, endsUnixMs, mgPerKwh, zone } of parseIntensities(text, 'fuzzed')) {
        assert.ok(Number.isSafeInteger(startsUnixMs) && Number.isSafeInteger(endsUnixMs) && endsUnixMs > startsUnixMs)
        assert.ok(mgPerKwh >= 0n && mgPerKwh <= 2_000_000n)
        assert.match(zone, /^[^\s"]/)
      }
    } catch (error) {
      assert.ok(error instanceof TableError, error instanceof Error ? error.stack : String(error))
      for (const place of error.places) {
        const [, line, column] = /^(\d+):(\d+): expected .+, received "[^\n]*"$/.exec(place) ?? assert.fail(place)
        assert.ok(Number(line) >= 1 && Number(line) <= text.split('\n').length && Number(column) >= 1)
      }
    }
  },
}
