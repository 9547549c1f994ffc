import type { AcceleratorSharing } from '../model/attribution.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Metric, Sample } from './metric.ts'
import { seconds } from './metric-units.ts'

const cards = ({ attribution }: Snapshot): readonly AcceleratorSharing[] => attribution?.accelerators ?? []
/** The leaf without its part: what other metrics call the hardware. */
const hardwareOf = ({ leaf }: AcceleratorSharing): string => leaf.split('/').slice(1).join('/')

/** Who has the accelerators. */
export const ACCELERATOR_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_accelerator_info',
    type: 'gauge',
    help: 'How an accelerator is shared now: by none, one consumer "alone", several "time-sliced" or through "mps", or an instance each ("mig").',
    labels: ['hardware', 'sharing'],
    samples: (snapshot) =>
      cards(snapshot).flatMap((card): Sample<number>[] =>
        card.sharing === null ? [] : [[1, { hardware: hardwareOf(card), sharing: card.sharing }]],
      ),
  },
  {
    name: 'wattledger_accelerator_holders',
    type: 'gauge',
    help: 'Consumers that have an accelerator reserved or use it.',
    labels: ['hardware'],
    samples: (snapshot) =>
      cards(snapshot).map((card) => [card.sharing === null ? null : card.holders, { hardware: hardwareOf(card) }]),
  },
  {
    name: 'wattledger_accelerator_reserved_idle_seconds_total',
    type: 'counter',
    help: 'Time of a whole accelerator in which it did nothing for the consumers that held it, since the agent started.',
    labels: ['hardware'],
    samples: (snapshot) =>
      cards(snapshot).map((card) => [seconds(card.reservedIdleNs), { hardware: hardwareOf(card) }]),
  },
]
