import type { Snapshot } from '../model/snapshot.ts'
import type { Metric } from './metric.ts'
import { NO_LABELS } from './metric-units.ts'

/** What was learned of the machine from its meter. */
export const MODEL_METRICS: readonly Metric<Snapshot>[] = [
  {
    name: 'wattledger_node_model_change_total',
    type: 'counter',
    help: 'Times that the meter of the machine told lastingly other than the meters of its parts would have it: a part was added, taken or failed, or a meter is wrong.',
    labels: ['meter'],
    samples: ({ node }) => node.models.map(({ meter, changes }) => [changes, { meter }]),
  },
  {
    name: 'wattledger_node_model_residual_watts',
    type: 'gauge',
    help: 'What the meter of the machine tells now less what the meters of its parts would have it, absent while nothing is compared.',
    labels: [],
    samples: ({ node }) => [[node.modelResidualW, NO_LABELS]],
  },
]
