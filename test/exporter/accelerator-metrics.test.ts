import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCELERATOR_METRICS } from '../../src/exporter/accelerator-metrics.ts'
import { familiesOf } from '../../src/exporter/metric.ts'
import type { AcceleratorSharing } from '../../src/model/attribution.ts'
import { A_SNAPSHOT } from './a-snapshot.ts'

function shown(accelerators?: readonly AcceleratorSharing[]): string[] {
  const attribution = { consumers: [], tenants: [], ...(accelerators && { accelerators }) }
  return familiesOf(ACCELERATOR_METRICS, { ...A_SNAPSHOT, attribution }).flatMap(({ name, series }) =>
    series.map(({ labels, value }) => `${name} ${Object.values(labels).join(' ')} ${value}`),
  )
}

test('each card says how it is shared, by the name that the account has for it', () => {
  const leaf = 'accelerators/0000:17:00.0'
  const lost = 'accelerators/socket-1/0019:01:00.0'
  assert.deepEqual(
    shown([
      { leaf, sharing: 'time-sliced', holders: 3, reservedIdleNs: 1_500_000_000n },
      { leaf: lost, sharing: null, holders: 0, reservedIdleNs: 0n },
    ]),
    [
      'wattledger_accelerator_info 0000:17:00.0 time-sliced 1',
      'wattledger_accelerator_holders 0000:17:00.0 3',
      'wattledger_accelerator_reserved_idle_seconds_total 0000:17:00.0 1.5',
      'wattledger_accelerator_reserved_idle_seconds_total socket-1/0019:01:00.0 0',
    ],
  )
  assert.deepEqual(shown(), [])
})
