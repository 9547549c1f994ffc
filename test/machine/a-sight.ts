import { unnamedProcessor } from '../../src/machine/processor.ts'
import type { Sight } from '../../src/machine/sight.ts'

/** What root sees of a server, unless it is said otherwise. */
export function aSight(differing: Partial<Sight> = {}): Sight {
  return {
    product: 'Dell Inc. PowerEdge R740',
    isVirtual: false,
    bootId: '6f1e1a52-9d7e-4e3c-9d0b-0f1f6e6d7c11',
    processors: [{ ...unnamedProcessor(22), vendor: 'GenuineIntel', name: 'Intel Xeon Gold 6152' }],
    usableGb: 188.4,
    chassisType: 23,
    dimmsGb: [64, 64, 64],
    suppliesW: [750, null],
    disks: [{ name: 'Dell P5520', gb: 3_840, rotates: false }],
    gpus: [],
    hasFirmwareTable: true,
    ...differing,
  }
}

/** The same machine as the service sees it. */
export function asService(sight: Sight): Sight {
  return { ...sight, dimmsGb: null, suppliesW: null, hasFirmwareTable: false }
}
