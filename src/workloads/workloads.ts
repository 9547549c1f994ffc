import { httpGet } from '../io/http.ts'
import { KeyFile } from '../io/key-file.ts'
import { SourceRefresher } from '../io/refresher.ts'
import type { AttributedPosting } from '../model/attribution.ts'
import type { Fault } from '../model/config-fault.ts'
import type { Component } from '../model/lifecycle.ts'
import { SILENT } from '../model/logger.ts'
import type { NodeTaker } from '../model/node-taker.ts'
import type { WorkloadSnapshot } from '../model/workload.ts'
import type { WorkloadSettings } from './schema.ts'
import type { ServerOptions } from './server-counters.ts'
import { Workload, type WorkloadOptions } from './workload.ts'

/** An answer of this machine that takes longer tells of another time than it was asked at. */
const TIMEOUT_MS = 5_000

export interface Accelerators {
  readonly count: number
  /** All of their embodied carbon by the machine's, 0 to 1. */
  readonly embodiedShare: number
}

export interface WorkloadSurroundings extends Pick<WorkloadOptions, 'clock' | 'logger' | 'rates'> {
  /** Embodied carbon of the whole machine that falls due in a time, in µg; null where it is not known. */
  readonly embodiedUg: (startUnixMs: number, endUnixMs: number) => bigint | null
  /** As far as they are known by now. */
  readonly accelerators: () => Accelerators
}

/** The servers whose energy is shown per unit. */
export class Workloads implements Component, NodeTaker {
  readonly name = 'workloads'
  readonly #workloads: readonly Workload[]
  readonly #refresher: SourceRefresher

  constructor(workloads: readonly Workload[]) {
    this.#workloads = workloads
    // Nobody waits for their first answers.
    this.#refresher = new SourceRefresher(
      workloads.map(({ server }) => server),
      0,
    )
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#refresher.start(signal)
  }

  stop(): Promise<void> {
    return this.#refresher.stop()
  }

  post(posting: AttributedPosting): void {
    for (const workload of this.#workloads) workload.post(posting)
  }

  settle(untilNs: bigint): void {
    for (const workload of this.#workloads) workload.settle(untilNs)
  }

  get snapshots(): readonly WorkloadSnapshot[] {
    return this.#workloads.map(({ snapshot }) => snapshot)
  }
}

/** The workloads that a configuration describes. */
export function createWorkloads(config: readonly WorkloadSettings[], surroundings: WorkloadSurroundings): Workloads {
  // Without proxies: the servers are on this machine.
  const get = httpGet({ timeoutMs: TIMEOUT_MS, env: {}, unixMs: surroundings.clock.unixMs })
  return new Workloads(config.map((one) => workloadOf(one, { ...surroundings, get, random: Math.random })))
}

export function workloadOf(
  settings: WorkloadSettings,
  { embodiedUg, accelerators, ...options }: WorkloadSurroundings & ServerOptions,
): Workload {
  return new Workload(settings, {
    ...options,
    embodiedNg(startUnixMs, endUnixMs) {
      const ug = embodiedUg(startUnixMs, endUnixMs)
      const sharePpb = embodiedSharePpb(settings, accelerators())
      return ug === null || sharePpb === null ? null : (ug * sharePpb * NG_PER_UG) / PPB
    },
  })
}

/** All that is wrong with the files that it names. Asks no server. */
export function checkWorkloads(config: readonly WorkloadSettings[]): readonly Fault[] {
  return config.flatMap(({ token_file }, index) =>
    new KeyFile(token_file, SILENT).check().map((text) => ({ key: `workloads.${index}.token_file`, text })),
  )
}

const PPB = 1_000_000_000n
const NG_PER_UG = 1_000n

/** What of the machine is inside the boundary; null where its inventory has no accelerators. */
function embodiedSharePpb({ boundary, accelerators }: WorkloadSettings, all: Accelerators): bigint | null {
  if (boundary !== 'gpu') return PPB
  if (all.count === 0) return null
  const share = Math.min(1, (accelerators?.length ?? all.count) / all.count) * all.embodiedShare
  return BigInt(Math.round(share * Number(PPB)))
}
