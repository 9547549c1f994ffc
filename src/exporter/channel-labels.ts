import type { ChannelSnapshot } from '../model/snapshot.ts'
import type { Labels } from './metric.ts'

/** What was last asked for. A memo, not state: it changes no result. */
let last: { readonly channels: readonly ChannelSnapshot[]; readonly labels: readonly Labels[] } = {
  channels: [],
  labels: [],
}
let known: ReadonlyMap<string, Labels> = new Map()

/**
 * The labels of each channel, in order. A channel keeps its object from metric to metric and from snapshot to snapshot,
 * since what is derived from it, to tell series apart and to format them, is kept with it and is most of a scrape.
 */
export function channelLabels(channels: readonly ChannelSnapshot[]): readonly Labels[] {
  if (channels === last.channels) return last.labels
  const present = new Map<string, Labels>()
  const labels = channels.map(({ sensor, scope, device }) => {
    const key = JSON.stringify([sensor, scope, device])
    const own = present.get(key) ?? known.get(key) ?? { sensor, scope, device }
    present.set(key, own)
    return own
  })
  known = present
  last = { channels, labels }
  return labels
}
