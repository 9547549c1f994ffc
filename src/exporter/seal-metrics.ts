import type { SealHead } from '../model/seal.ts'
import type { Metric } from './metric.ts'

/** What a server that keeps it elsewhere holds against a chain of seals that was written anew. */
export const SEAL_METRICS: readonly Metric<SealHead | null>[] = [
  {
    name: 'wattledger_seal_info',
    type: 'gauge',
    help: 'Always 1: the UTC day of the newest seal of the ledger and the SHA-256 of its text. Absent before the first.',
    labels: ['day', 'sha256'],
    samples: (head) => (head === null ? [] : [[1, { day: head.day, sha256: head.sha256 }]]),
  },
]
