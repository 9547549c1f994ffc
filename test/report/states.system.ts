import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DAY_MS } from '../../src/model/time.ts'
import { ledgerOf, NOW, SCENES, SERVER } from '../page/scenes.ts'
import { asked } from './asked.ts'

/** What the head of a report of the month so far says of each state of a machine. */
const TOLD: Readonly<Record<string, readonly [energy: string, coveragePct: string]>> = {
  empty: ['not known', '0.00'],
  minute: ['0.0072512 kWh ± 4.6 % (95 %)', '0.00'],
  'gap-of-a-week': ['245.70 kWh ± 4.4 % (95 %)', '74.52'],
  '64-gpus': ['220.52 kWh ± 3.5 % (95 %)', '7.11'],
  '200-consumers': ['18.749 kWh ± 4.6 % (95 %)', '7.11'],
  'no-meter': ['12.240 kWh ± 24.0 % (95 %)', '7.11'],
  'no-sensors': ['not known', '0.00'],
  // Hours that have not been yet are none of the month so far.
  'clock-ahead': ['18.749 kWh ± 4.6 % (95 %)', '7.11'],
  year: ['323.99 kWh ± 4.4 % (95 %)', '98.74'],
}

/** Characters of the longest line. */
const widest = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length))

test('every state of a machine is reported rightly and readably', async (t) => {
  assert.deepEqual(Object.keys(TOLD).sort(), Object.keys(SCENES).sort())
  for (const [name, [energy, coveragePct]] of Object.entries(TOLD)) {
    const folder = await ledgerOf(t, SCENES[name] ?? SERVER)
    for (const by of ['day', 'part', 'consumer', 'tenant']) {
      const { code, out, err } = await asked(folder, { by }, { now: NOW })
      assert.deepEqual([code, err], [0, ''], `${name} by ${by}`)
      const fact = (head: string) => new RegExp(`^${head} {2,}(.+)$`, 'm').exec(out)?.[1] ?? ''
      assert.deepEqual([fact('Energy'), fact('Coverage')], [energy, `${coveragePct} % of the time`], `${name} by ${by}`)
      assert.ok(widest(out) <= 80, `${name} by ${by}: ${widest(out)}`)
      for (const format of ['html', 'md', 'csv', 'json']) {
        const other = await asked(folder, { by, format }, { now: NOW })
        assert.deepEqual([other.code, other.err], [0, ''], `${name} by ${by} as ${format}`)
        assert.doesNotMatch(other.out, /NaN|undefined|Infinity|\[object/, `${name} by ${by} as ${format}`)
      }
    }
  }
})

test('a time before the clock was set back is asked for in vain until it has come', async (t) => {
  const folder = await ledgerOf(t, SCENES['clock-ahead'] ?? SERVER)
  const to = new Date(NOW + DAY_MS).toISOString().slice(0, 10)
  const { code, err } = await asked(folder, { from: to }, { now: NOW })
  assert.deepEqual([code, err], [2, `error: --from: ${to}T00:00Z has not been yet\n`])
})
