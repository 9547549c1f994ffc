import type { Clock } from '../model/clock.ts'
import type { Footprint } from '../model/footprint.ts'
import type { Frozen } from '../model/frozen.ts'
import type { Component } from '../model/lifecycle.ts'
import type { Logger } from '../model/logger.ts'
import { NS_PER_MS } from '../model/units.ts'
import { type AcceleratorUseSource, createAcceleratorUse } from './accelerator-component.ts'
import { type AcceleratorSource, Attribution } from './attribution.ts'
import { CapacityReader } from './capacity.ts'
import type { CgroupRoots } from './cgroup-layout.ts'
import { ConsumerWatch } from './consumer-watch.ts'
import { loadCurves, type UsualPower } from './load-curves.ts'
import { Names } from './names.ts'
import type { TakeOwn } from './own-shares.ts'
import { RuntimeNames } from './runtime-names.ts'
import type { TenantRule } from './schema.ts'
import { Tenants } from './tenants.ts'

/** Section `attribution` of the configuration. */
export interface AttributionSettings {
  readonly enabled: 'auto' | boolean
  readonly tenants: readonly Frozen<TenantRule>[]
  readonly max_series: number
  readonly unallocated: 'separate' | 'spread'
  readonly container_sockets: readonly string[]
}

export interface AttributionSurroundings {
  readonly roots: CgroupRoots & { readonly sysfs: string }
  /** The driver that tells who uses the accelerators; null where none is to be asked. */
  readonly driver: { readonly library: string; readonly idle_interval: number } | null
  /** Null where nothing tells what this machine is. */
  readonly usual: UsualPower | null
  /** What the carbon books have of the node by now. */
  readonly booked: () => Footprint
  /** Told what the commands of measured windows got. */
  readonly takeOwn: TakeOwn
  readonly bootId: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Starts before energy is settled, and stops after it. */
export interface Attributing {
  readonly account: Attribution
  /** Has the control groups read now. Never rejects. */
  readonly look: () => Promise<void>
  readonly components: readonly Component[]
}

const NAME_FILES = { passwd: '/etc/passwd', podLogs: '/var/log/pods' }
const NO_ACCELERATORS: AcceleratorSource = { take: () => [], cards: [] }

/** What splits the node's energy as a configuration says; null where nothing does. */
export function createAttribution(
  { enabled, tenants, max_series, unallocated, container_sockets: sockets }: AttributionSettings,
  { roots, driver, usual, booked, takeOwn, bootId, clock, logger }: AttributionSurroundings,
): Attributing | null {
  if (enabled === false) return null
  const nowMs = () => Number(clock.monotonicNs() / NS_PER_MS)
  const runtimes = new RuntimeNames({ sockets, nowMs })
  const names = new Names(NAME_FILES, nowMs, runtimes)
  const rules = new Tenants(tenants)
  const capacity = new CapacityReader(roots.procfs, nowMs)
  const source = new ConsumerWatch({
    roots,
    isRequired: enabled === true,
    name: (consumer) => names.of(consumer),
    bootId,
    logger,
  })
  const accelerators: AcceleratorUseSource | null =
    driver === null
      ? null
      : createAcceleratorUse({ ...roots, library: driver.library, idleMs: driver.idle_interval, clock })
  const account = new Attribution({
    source,
    accelerators: accelerators ?? NO_ACCELERATORS,
    capacity: () => capacity.read(),
    curves: loadCurves(usual),
    tenantOf: (consumer) => rules.of(consumer),
    booked,
    takeOwn,
    maxSeries: max_series,
    unallocated,
    clock,
    logger,
  })
  return { account, look: () => source.look(), components: [runtimes, source, ...(accelerators ? [accelerators] : [])] }
}
