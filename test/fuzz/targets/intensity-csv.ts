import assert from 'node:assert/strict'
import { CsvError, HEADER, parseIntensityCsv } from '../../../src/carbon/sources/intensity-csv.ts'
import type { FuzzTarget } from '../target.ts'

/** An intensity file: periods that can be, or one place and reason. */
export const intensityCsv: FuzzTarget = {
  name: 'intensity-csv',
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
  ],
  run(input) {
    const text = input.toString('utf8')
    try {
      for (const { startsUnixMs, endsUnixMs, mgPerKwh, zone } of parseIntensityCsv(text)) {
        assert.ok(Number.isSafeInteger(startsUnixMs) && Number.isSafeInteger(endsUnixMs) && endsUnixMs > startsUnixMs)
        assert.ok(mgPerKwh >= 0n && mgPerKwh <= 2_000_000n)
        assert.match(zone, /^[^\s"]/)
      }
    } catch (error) {
      assert.ok(error instanceof CsvError, error instanceof Error ? error.stack : String(error))
      const [, line, column] =
        /^(\d+):(\d+): expected .+, received "[^\n]*"$/.exec(error.message) ?? assert.fail(error.message)
      assert.ok(Number(line) >= 1 && Number(line) <= text.split('\n').length && Number(column) >= 1)
    }
  },
}
