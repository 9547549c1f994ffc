import type { WindowRow } from '../../src/model/window.ts'
import { T0 } from './setting.ts'

/** One that is open. */
export const WINDOW: WindowRow = {
  id: '5b0c1a52-8d3c-4f0a-9b1e-1d2c3b4a5f60',
  uid: 1000,
  name: 'epoch',
  tags: { epoch: '3' },
  series: 'run-7',
  repeats: 10,
  baselineUw: 50_000_000n,
  bootId: 'boot-1',
  startNs: 9_007_199_254_740_993n,
  startUnixMs: T0,
  limitMs: 86_400_000,
  end: null,
  isFinal: false,
  energyUj: 0n,
  co2eLocationUg: 0n,
  sums: '{}',
}
