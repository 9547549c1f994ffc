import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Integration } from '../../src/integration/integration.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
import { openReadOnly } from '../../src/ledger/read-only.ts'
import type { GapRow, LedgerBatch } from '../../src/model/batch.ts'
import { type CounterChannel, channelKey } from '../../src/model/channel.ts'
import type { Reading } from '../../src/model/reading.ts'
import { counterChannel, machine, plainCarbon, seconds, TestClock, watts } from '../integration/machine.ts'

/*
 * 24 simulated hours at 1 Hz: two registers of 262 kJ (Intel packages) and two of 65.5 kJ (AMD packages) at up to 500 W,
 * with resets, restarts (stopped, killed, too long to bridge), a reboot, failed and late readings and wall-clock jumps.
 */
const DAY_S = 86_400
const FLUSH_S = 30

const channels: readonly CounterChannel[] = [
  counterChannel('package-0', { modulus: 262_143_328_911n, maxPowerUw: watts(750) }),
  counterChannel('package-1', { modulus: 262_143_328_911n, maxPowerUw: watts(750) }),
  counterChannel('package-2', { modulus: 65_532_610_987n + 15n, maxPowerUw: watts(750) }),
  counterChannel('package-3', { modulus: 65_532_610_987n + 15n, maxPowerUw: watts(750) }),
]

/** Registers that know the truth: energy since the beginning, at every instant at which they were read. */
class Registers {
  readonly #total = channels.map(() => 0n)
  readonly #offset = channels.map((_, index) => BigInt(index) * 7_000_000_000n)
  readonly truthAt = channels.map(() => new Map<bigint, bigint>())
  wraps = 0

  consume(index: number, energyUj: bigint): void {
    const { modulus } = channels[index] as CounterChannel
    const before = this.#raw(index) / (modulus as bigint)
    this.#total[index] = (this.#total[index] ?? 0n) + energyUj
    this.wraps += Number(this.#raw(index) / (modulus as bigint) - before)
  }

  reset(index: number): void {
    this.#offset[index] = -(this.#total[index] ?? 0n)
  }

  read(index: number, atNs: bigint): bigint {
    this.truthAt[index]?.set(atNs, this.#total[index] ?? 0n)
    return this.#raw(index) % (channels[index]?.modulus as bigint)
  }

  #raw(index: number): bigint {
    return (this.#total[index] ?? 0n) + (this.#offset[index] ?? 0n)
  }
}

/** Numerical Recipes' linear congruential generator: the same day each time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const RESETS = new Map([
  [7_200, 0],
  [20_000, 2],
  [33_333, 1],
  [50_001, 3],
  [80_000, 2],
])
/** Second → downtime, and whether the process had time to write. 20 s is bridged by all; 90 s by the large registers only. */
const RESTARTS = new Map([
  [15_000, { downS: 20, isKilled: false }],
  [40_000, { downS: 20, isKilled: true }],
  [60_000, { downS: 90, isKilled: true }],
])
const WALL_JUMPS = new Map([
  [25_000, -7_200_000],
  [26_000, 86_400_000],
  [26_500, -79_200_000],
])

test('24 hours with hundreds of wraps: exported energy is the truth less the declared gaps, to the µJ', async () => {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'replay-'))
  const clock = new TestClock()
  const registers = new Registers()
  const random = generator(20_260_301)
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const newLedger = () =>
    new Ledger({
      path: join(directory, 'ledger.db'),
      keep: { rawMs: 48 * 3_600_000, minutesMs: 30 * 86_400_000, consumersMs: 42 * 86_400_000 },
      logger: log,
      unixMs: clock.unixMs,
    })
  let ledger = newLedger()
  const gaps: GapRow[] = []
  const gapsNs: { key: string; startNs: bigint; endNs: bigint }[] = []
  let shown = 0n

  const startIntegration = async (): Promise<Integration> => {
    await ledger.start(new AbortController().signal)
    const integration = new Integration({
      clock,
      restored: ledger.restore(),
      bootId: 'boot',
      meter: 'auto',
      machine,
      carbon: plainCarbon(),
      attribution: null,
      selfCpuShare: () => 0,
    })
    integration.setChannels('rapl', channels)
    integration.openAccount()
    return integration
  }
  const flush = (batch: LedgerBatch): void => {
    assert.equal(ledger.write(batch), true)
    gaps.push(...batch.gaps.filter(({ key }) => key !== null))
    const total = ledger.durable?.channels.reduce((sum, { energyUj }) => sum + energyUj, 0n) ?? 0n
    assert.ok(total >= shown, 'exported energy never falls')
    shown = total
  }

  try {
    let integration = await startIntegration()
    // Gaps are declared in wall time; the truth is known in monotonic time. Both are recorded at the moment of declaring.
    const mapGaps = (from: number) => {
      for (const gap of gaps.slice(from)) {
        const backMs = clock.wallMs - gap.endedUnixMs
        const endNs = clock.ns - BigInt(backMs) * 1_000_000n
        gapsNs.push({
          key: gap.key ?? '',
          startNs: endNs - BigInt(gap.endedUnixMs - gap.startedUnixMs) * 1_000_000n,
          endNs,
        })
      }
    }
    for (let s = 0; s < DAY_S; s++) {
      const restart = RESTARTS.get(s)
      const elapsedS = restart?.downS ?? 1
      clock.advance(seconds(elapsedS))
      clock.wallMs += WALL_JUMPS.get(s) ?? 0
      for (const [index] of channels.entries()) {
        registers.consume(index, BigInt(Math.floor(random() * 250e6 + 250e6)) * BigInt(elapsedS))
      }
      const reset = RESETS.get(s)
      if (reset !== undefined) registers.reset(reset)
      if (restart !== undefined) {
        if (!restart.isKilled) {
          const from = gaps.length
          flush(integration.collect())
          mapGaps(from)
        }
        await ledger.stop()
        ledger = newLedger()
        integration = await startIntegration()
      }
      const isDropped = random() < 0.01
      const readings = channels.map((_, index): Reading => {
        // A late reading: the bracket is wide, its midpoint is the moment of the value. Whole milliseconds, as labels are.
        const atNs = clock.ns
        const halfNs = random() < 0.02 ? 400_000_000n : 1_000n
        const bracket = { beforeNs: atNs - halfNs, afterNs: atNs + halfNs }
        if (isDropped || random() < 0.01)
          return { status: 'failed', ...bracket, code: 'SENSOR_TRANSIENT', message: 'EIO' }
        return { status: 'counter', ...bracket, count: registers.read(index, atNs) }
      })
      assert.deepEqual(integration.accept('rapl', [{ first: 0, readings }]), [])
      integration.tick()
      if (s % FLUSH_S === FLUSH_S - 1) {
        const from = gaps.length
        flush(integration.collect())
        mapGaps(from)
      }
    }
    const from = gaps.length
    flush(integration.collect())
    mapGaps(from)

    assert.ok(registers.wraps > 900, `${registers.wraps} wraps`)
    assert.deepEqual(Map.groupBy(gaps, ({ reason }) => reason).get('reset')?.length, 5)
    const states = ledger.durable?.channels ?? []
    for (const [index, channel] of channels.entries()) {
      const key = channelKey(channel)
      const truth = registers.truthAt[index] as Map<bigint, bigint>
      const state = states.find((one) => one.key === key)
      const first = truth.values().next().value as bigint
      const last = truth.get(state?.last?.atNs ?? 0n) as bigint
      let expected = last - first
      let gapNs = 0n
      for (const gap of gapsNs.filter((one) => one.key === key)) {
        const start = truth.get(gap.startNs)
        const end = truth.get(gap.endNs)
        assert.ok(start !== undefined && end !== undefined, 'a gap begins and ends at a reading')
        expected -= end - start
        gapNs += gap.endNs - gap.startNs
      }
      assert.equal(state?.energyUj, expected, channel.device)
      assert.equal(state?.unaccountedNs, gapNs, channel.device)
    }
    await ledger.stop()
    const db = openReadOnly(join(directory, 'ledger.db'))
    const hours = db.prepare('SELECT sum(energy_kwh) AS kwh FROM channel_hourly WHERE sensor = ?').get('rapl') as {
      kwh: number
    }
    db.close()
    const totalKwh =
      Number(states.filter(({ key }) => key.startsWith('rapl/')).reduce((sum, { energyUj }) => sum + energyUj, 0n)) /
      3.6e12
    assert.ok(
      Math.abs(hours.kwh - totalKwh) < 1e-9 * totalKwh,
      `${hours.kwh} kWh in the view, ${totalKwh} kWh exported`,
    )
  } finally {
    await ledger.stop()
    rmSync(directory, { recursive: true })
  }
})
