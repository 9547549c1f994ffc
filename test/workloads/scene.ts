import assert from 'node:assert/strict'
import { settingsSchema } from '../../src/config/schema.ts'
import { httpGet } from '../../src/io/http.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import type { WorkloadSnapshot, WorkloadTotal, WorkloadUnit } from '../../src/model/workload.ts'
import type { WorkloadSettings } from '../../src/workloads/schema.ts'
import type { Rates, Workload } from '../../src/workloads/workload.ts'
import { type WorkloadSurroundings, Workloads, workloadOf } from '../../src/workloads/workloads.ts'
import { recorder, type Said } from '../carbon/recorder.ts'
import { AccountRig, type Meter } from '../integration/account-rig.ts'

/** 400 g/kWh, and a building that takes a quarter on top. */
export const RATES: Rates = { mgPerKwh: 400_000n, basis: 'life-cycle', puePpm: 1_250_000n }

export interface Scene {
  readonly rig: AccountRig
  readonly workload: Workload
  readonly said: readonly Said[]
  readonly rates: { now: Rates }
  /** Looks at the server once; the wait until the next look. */
  look(): Promise<number>
  /** Lets seconds pass, and looks at the server each fifth one. */
  live(seconds: number, each?: (second: number) => void): Promise<void>
  readonly shown: WorkloadSnapshot
}

/** A workload as a file would have it. Throws for one that is wrong. */
export function settings(over: object): WorkloadSettings {
  const [one] = settingsSchema.parse({ workloads: [{ name: 'chat', url: 'http://127.0.0.1:1', ...over }] }).workloads
  return one ?? assert.fail()
}

export interface SceneOptions extends Partial<Pick<WorkloadSurroundings, 'embodiedUg' | 'accelerators'>> {
  readonly timeoutMs?: number
}

/** A machine whose energy is known and a workload on it. */
export function scene(
  meters: readonly Meter[],
  config: object,
  {
    timeoutMs = 5_000,
    embodiedUg = () => null,
    accelerators = () => ({ count: 0, embodiedShare: 0 }),
  }: SceneOptions = {},
): Scene {
  const { logger, said } = recorder()
  const rates = { now: RATES }
  const made: Workload[] = []
  const rig = new AccountRig(meters, {
    taker(clock) {
      const get = httpGet({ timeoutMs, env: {}, unixMs: clock.unixMs })
      const options = { get, clock, random: () => 0.5, logger, rates: () => rates.now, embodiedUg, accelerators }
      made.push(workloadOf(settings(config), options))
      return new Workloads(made)
    },
  })
  const workload = made[0] ?? assert.fail()
  const look = () => workload.server.refresh(new AbortController().signal)
  return {
    rig,
    workload,
    said,
    rates,
    look,
    async live(seconds, each) {
      for (let second = 1; second <= seconds; second++) {
        rig.pass()
        each?.(second)
        if (second % 5 === 0) await look()
      }
    },
    get shown() {
      return workload.snapshot
    },
  }
}

export function joulesOf({ energyUj }: WorkloadTotal): number {
  return Object.values(energyUj).reduce((sum, uj) => sum + Number(uj), 0) / 1e6
}

/** J per unit of the totals. */
export function joulesPer({ total }: WorkloadSnapshot, unit: WorkloadUnit): number {
  return joulesOf(total) / (total.units[unit] ?? Number.NaN)
}

/** Whole seconds of a time in ns. */
export const inSeconds = (ns: bigint): number => Number(ns) / Number(NS_PER_S)
