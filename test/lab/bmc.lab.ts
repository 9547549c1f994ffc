/** A BMC that fails in each of its ways, behind a real /dev/ipmi0: see README.md in this folder. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { BmcSettings } from './bmc.ts'
import type { Samples } from './guest-service.ts'
import { Lab } from './lab.ts'
import { guestIsMissing } from './missing.ts'

const BMC = '{sensor="ipmi",scope="ac_in",device="bmc"}'
const TRUE_W = 300
const HUNG_MS = 60_000
const WRONG_MS = 15_000
const NOISE_MS = 20_000
/** Without virtualisation and beside other guests; what a BMC blocks is blocked for longer. */
const SLOWEST_MS = 10_000
const RECOVERY_MS = 240_000

const powerOf = (samples: Samples) => samples.get(`wattledger_power_watts${BMC}`)
const energyOf = (samples: Samples) => samples.get(`wattledger_energy_joules_total${BMC}`) ?? Number.NaN
const unaccountedOf = (samples: Samples) => samples.get(`wattledger_unaccounted_seconds_total${BMC}`) ?? Number.NaN
const failuresOf = (samples: Samples, code = '') =>
  [...samples].reduce(
    (sum, [series, value]) =>
      series.startsWith(`wattledger_sensor_failures_total{sensor="ipmi",code="${code}`) ? sum + value : sum,
    0,
  )

test('a BMC that', { skip: guestIsMissing(), timeout: 3_600_000 }, async (t) => {
  await using lab = await Lab.start()
  const { bmc, service, watch } = lab
  bmc.set({ watts: TRUE_W })
  await lab.install()
  await service.scrapeUntil((samples) => powerOf(samples) === TRUE_W && energyOf(samples) > 0)
  const starts = await service.property('ExecMainStartTimestampMonotonic')
  watch.begin()

  /** Breaks it, checks what must hold meanwhile, mends it and waits for its return. */
  async function survives(breakIt: () => unknown, brokenMs: number, mend: () => unknown): Promise<void> {
    watch.begin()
    const before = await service.scrape()
    const brokenAtMs = performance.now()
    await breakIt()
    const seen = new Set<number | undefined>()
    while (performance.now() - brokenAtMs < brokenMs) {
      seen.add(powerOf(await service.scrape()))
      await setTimeout(1_000)
    }
    const broken = await service.scrape()
    await mend()
    const mendedMs = performance.now()
    await service.scrapeUntil(
      (samples) => powerOf(samples) === TRUE_W && samples.get('wattledger_sensor_up{sensor="ipmi"}') === 1,
      RECOVERY_MS,
    )
    const recoveredMs = performance.now()
    const flushed = await service.scrapeUntil((samples) => energyOf(samples) > energyOf(broken), RECOVERY_MS)
    const joules = energyOf(flushed) - energyOf(before)
    const possibleJ = (TRUE_W * (performance.now() - brokenAtMs + 15_000)) / 1e3
    t.diagnostic(
      `back ${Math.round((recoveredMs - mendedMs) / 1e3)} s after it was mended; ` +
        `${unaccountedOf(flushed) - unaccountedOf(before)} s unaccounted; slowest scrape ${Math.round(watch.slowestMs)} ms`,
    )
    assert.deepEqual(
      [...seen].filter((watts) => watts !== undefined && watts !== TRUE_W),
      [],
      'no wrong value',
    )
    assert.ok(joules <= possibleJ, `${joules} J, where ${possibleJ} J are possible`)
    assert.ok(failuresOf(broken) > failuresOf(before), 'the failures are counted')
    assert.equal(watch.failures, 0, 'no scrape without an answer')
    assert.ok(watch.slowestMs < SLOWEST_MS, `a scrape took ${watch.slowestMs} ms`)
    assert.equal(await service.property('ExecMainStartTimestampMonotonic'), starts, 'the same process')
  }
  const fault = (settings: BmcSettings) => () => bmc.set(settings)

  await t.test('hangs for a minute', async () => {
    const before = await service.scrape()
    await survives(fault({ silent: 1 }), HUNG_MS, fault({ silent: 0 }))
    const after = await service.scrape()
    assert.ok(unaccountedOf(after) - unaccountedOf(before) > HUNG_MS / 1e3 - 15, 'its time is a gap')
  })

  await t.test('answers with numbers that cannot be', async () => {
    await survives(fault({ watts: 0 }), WRONG_MS, fault({ watts: TRUE_W }))
    await survives(fault({ watts: 65_535 }), WRONG_MS, fault({ watts: TRUE_W }))
  })

  await t.test('answers with less than an answer', async () => {
    await survives(fault({ length: 7 }), WRONG_MS, fault({ length: 19 }))
  })

  await t.test('answers after its time', async () => {
    await survives(fault({ delay_ms: 3_500, watts: 60_000 }), WRONG_MS, fault({ delay_ms: 0, watts: TRUE_W }))
  })

  await t.test('vanishes and comes back', async () => {
    await survives(
      () => bmc.kill(),
      WRONG_MS,
      () => bmc.restart(),
    )
  })

  await t.test('sends rubbish on the wire beside its answers', async () => {
    bmc.set({ noise: 1 })
    const before = await service.scrape()
    await service.scrapeUntil(
      (samples) => energyOf(samples) > energyOf(before) + (TRUE_W * NOISE_MS) / 1e3,
      RECOVERY_MS,
    )
    bmc.set({ noise: 0 })
    const after = await service.scrapeUntil((samples) => powerOf(samples) === TRUE_W, RECOVERY_MS)
    t.diagnostic(`${failuresOf(after) - failuresOf(before)} failures by noise`)
  })

  const peak = await service.query<{ w: number }>(
    "SELECT max(max_w) AS w FROM channel_hourly WHERE sensor = 'ipmi' AND device = 'bmc'",
  )
  assert.equal(peak[0]?.w, TRUE_W, 'nothing but the truth is in the ledger')
  assert.equal(await service.property('NRestarts'), '0')
  assert.deepEqual(watch.falls, [], 'no total ever falls')
})
