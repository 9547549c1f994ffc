import { readdirSync, statSync } from 'node:fs'
import type { Metric } from './metric.ts'

/** This process at one moment. */
export interface ProcessReading {
  readonly version: string
  readonly nodeVersion: string
  readonly cpuSeconds: number
  readonly startUnixSeconds: number
  readonly residentBytes: number
  /** Null where /proc is not readable. */
  readonly openFds: number | null
}

export function readProcess(version: string): ProcessReading {
  const { user, system } = process.cpuUsage()
  return {
    version,
    nodeVersion: process.version,
    cpuSeconds: (user + system) / 1e6,
    startUnixSeconds: performance.timeOrigin / 1000,
    residentBytes: process.memoryUsage.rss(),
    openFds: countOpenFds(),
  }
}

function countOpenFds(): number | null {
  try {
    // Linux 6.2 and younger tell it without a list, in which the directory itself would be one of them.
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length - 1
  } catch {
    return null
  }
}

/** The standard names of client libraries. */
export const PROCESS_METRICS: readonly Metric<ProcessReading>[] = [
  {
    name: 'wattledger_build_info',
    type: 'info',
    help: 'Version of Wattledger and of the runtime it runs on.',
    labels: ['version', 'node_version'],
    facts: ({ version, nodeVersion }) => ({ version, node_version: nodeVersion }),
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system processor time of this process.',
    labels: [],
    samples: ({ cpuSeconds }) => [[cpuSeconds, {}]],
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of this process.',
    labels: [],
    samples: ({ residentBytes }) => [[residentBytes, {}]],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'Unix time at which this process started.',
    labels: [],
    samples: ({ startUnixSeconds }) => [[startUnixSeconds, {}]],
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'File descriptors that this process holds open.',
    labels: [],
    samples: ({ openFds }) => [[openFds, {}]],
  },
]
