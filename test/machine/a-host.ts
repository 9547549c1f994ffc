import type { Host } from '../../src/machine/host.ts'
import { unnamedProcessor } from '../../src/machine/processor.ts'

/** What root sees of a server, unless it is said otherwise. */
export function aHost(differing: Partial<Host> = {}): Host {
  return {
    product: 'Dell Inc. PowerEdge R740',
    isVirtual: false,
    bootId: '6f1e1a52-9d7e-4e3c-9d0b-0f1f6e6d7c11',
    processors: [{ ...unnamedProcessor(22), vendor: 'GenuineIntel', name: 'Intel Xeon Gold 6152' }],
    usableMemoryGib: 188.4,
    chassisType: 23,
    dimmsGib: [64, 64, 64],
    suppliesW: [750, null],
    disks: [{ name: 'Dell P5520', gb: 3_840, rotates: false }],
    gpus: [],
    hasFirmwareTable: true,
    ...differing,
  }
}

/** The same machine as the service sees it. */
export function asService(host: Host): Host {
  return { ...host, dimmsGib: null, suppliesW: null, hasFirmwareTable: false }
}
