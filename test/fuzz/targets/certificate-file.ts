import assert from 'node:assert/strict'
import { TableError } from '../../../src/carbon/table/table-line.ts'
import { whOf } from '../../../src/fleet/match/certificate.ts'
import { parseCertificates } from '../../../src/fleet/match/read-certificates.ts'
import { sortOut } from '../../../src/fleet/match/usable.ts'
import type { FuzzTarget } from '../target.ts'

/** Files of granular certificates, CSV and JSON: certificates of at most an hour, each number once, or places with reasons. */
export const certificateFile: FuzzTarget = {
  name: 'certificate-file',
  tokens: [
    'issuance_id',
    'certificate_bundle_id_range_start',
    'certificate_bundle_id_range_end',
    'bundle_quantity',
    'production_starting_interval',
    'is_storage',
    'expiry_datestamp',
    ',',
    '\n',
    '[{',
    '}]',
    'null',
    'true',
    'Cancelled',
    '2026-10-01T00:00:00',
    '2026-10-01T01:00:00Z',
    '999999999999999999',
    '"',
  ],
  run(input) {
    try {
      const certificates = parseCertificates(input.toString('utf8'), 'certificates')
      for (const one of certificates) {
        assert.ok(one.endsUnixMs > one.startsUnixMs && one.endsUnixMs - one.startsUnixMs <= 3_600_000)
        assert.ok(whOf(one) >= 0n && one.mgPerKwh >= 0n)
      }
      const { usable, refused } = sortOut(certificates, null)
      assert.equal(usable.length + refused.length, certificates.length)
      for (const [, own] of Map.groupBy(usable, ({ issuance }) => issuance)) {
        const sorted = own.toSorted((a, b) => (a.first < b.first ? -1 : 1))
        for (const [n, one] of sorted.entries()) assert.ok(n === 0 || one.first > (sorted[n - 1]?.last ?? 0n))
      }
    } catch (error) {
      assert.ok(error instanceof TableError, error instanceof Error ? error.stack : String(error))
    }
  },
}
