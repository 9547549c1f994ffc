import type { ConsumerRow, PartIdleRow } from '../../model/attribution.ts'
import type { ChannelRow, EventRow, GapRow, LedgerBatch, NodeRow, PartRow } from '../../model/batch.ts'
import type { EmissionRow, Factor, RestatementRow } from '../../model/carbon.ts'
import type { Channel } from '../../model/channel.ts'
import type { StageShare } from '../../model/life-stage.ts'
import {
  amount,
  count,
  dictionary,
  difference,
  flag,
  list,
  object,
  oneOf,
  optional,
  orNull,
  type Shape,
  text,
  total,
  unixMs,
  word,
} from '../../model/shape.ts'
import type { WindowEnd, WindowRow } from '../../model/window.ts'
import { channelKey, consumer, part, quality, state } from './totals-shape.ts'

/* What a batch consists of. SQLite refuses the row of a word that it does not know. */

const unknown = orNull(total)
const span = { startUnixMs: unixMs, endUnixMs: unixMs }

/** As far as the ledger keeps it. */
const channel: Shape<Channel> = (found) => described(found)
const described = object<Pick<Channel, 'sensor' | 'scope' | 'device' | 'kind' | 'quality'>>({
  sensor: text,
  scope: word<Channel['scope']>(),
  device: text,
  kind: word<Channel['kind']>(),
  quality,
})

const factor = object<Factor>({
  zone: text,
  basis: word<Factor['basis']>(),
  source: text,
  status: word<Factor['status']>(),
  startsUnixMs: unixMs,
  endsUnixMs: orNull(unixMs),
  dataQuality: oneOf<Factor['dataQuality']>([1, 2, 3, 4, 5]),
  relativeUncertainty: amount,
  mgPerKwh: unknown,
  instrument: word<Factor['instrument']>(),
  reason: orNull(text),
})

const emission = object<EmissionRow>({
  ...span,
  id: count,
  account: word<EmissionRow['account']>(),
  factor,
  energyUj: total,
  puePpm: total,
  pueRelativeUncertainty: amount,
  co2eUg: total,
})

const restatement = object<RestatementRow>({
  id: count,
  atUnixMs: unixMs,
  emissionId: count,
  replacesId: orNull(count),
  factor,
  beforeUg: total,
  afterUg: total,
})

const window = object<WindowRow>({
  id: text,
  uid: orNull(count),
  name: text,
  tags: dictionary(text),
  series: text,
  repeats: orNull(count),
  baselineUw: unknown,
  bootId: text,
  startNs: difference,
  startUnixMs: unixMs,
  limitMs: amount,
  end: orNull(object<WindowEnd>({ ns: difference, unixMs, by: word<WindowEnd['by']>() })),
  isFinal: flag,
  energyUj: total,
  co2eLocationUg: unknown,
  sums: text,
})

const idleRow = object<PartIdleRow>({ hourUnixMs: unixMs, part, idleUj: difference })

export const batch = object<LedgerBatch>({
  atUnixMs: unixMs,
  channels: list(channel),
  channelRows: list(
    object<ChannelRow>({ ...span, key: channelKey, energyUj: total, coveredMs: amount, maxUw: total, bridged: flag }),
  ),
  nodeRows: list(
    object<NodeRow>({
      ...span,
      meter: text,
      quality,
      energyUj: total,
      uncertaintyUj: total,
      coveredMs: amount,
      co2eLocationUg: unknown,
      co2eMarketUg: unknown,
      embodiedUg: unknown,
      siteWaterUl: unknown,
      gridWaterUl: unknown,
      facilityUj: total,
    }),
  ),
  partRows: list(object<PartRow>({ ...span, part, quality, energyUj: difference })),
  gaps: list(
    object<GapRow>({
      key: orNull(channelKey),
      startedUnixMs: unixMs,
      endedUnixMs: unixMs,
      reason: word<GapRow['reason']>(),
    }),
  ),
  events: list(object<EventRow>({ atUnixMs: unixMs, what: text, detail: text })),
  carbon: object<LedgerBatch['carbon']>({
    emissions: list(emission),
    restatements: list(restatement),
    stages: optional(
      list(
        object<StageShare>({
          stage: word<StageShare['stage']>(),
          ppm: unknown,
          lowPpm: unknown,
          highPpm: unknown,
          source: text,
        }),
      ),
    ),
  }),
  consumerRows: list(
    object<ConsumerRow>({ hourUnixMs: unixMs, consumer, tenant: text, idleUj: difference, dynamicUj: difference }),
  ),
  idleRows: optional(list(idleRow)),
  windows: optional(list(window)),
  settledUnixMs: unixMs,
  state,
})
