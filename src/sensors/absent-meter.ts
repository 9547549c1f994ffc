import type { Channel } from '../model/channel.ts'

/** Values of `node.meter` that need no meter of the whole machine. */
const WITHOUT: readonly string[] = ['auto', 'components', 'estimate']

/** What a person must know whose `node.meter` names a meter that no channel is; nothing where one is. */
export function absentMeter(wanted: string, channels: readonly Pick<Channel, 'nodeMeter'>[]): readonly string[] {
  const there = [...new Set(channels.flatMap(({ nodeMeter }) => nodeMeter ?? []))]
  if ([...WITHOUT, ...there].includes(wanted)) return []
  const choice = [...WITHOUT, ...there].join(', ')
  return [`node.meter: no sensor has a meter ${wanted}, so the parts count until one has it: choose among ${choice}`]
}
