import { opendirSync } from 'node:fs'
import { join } from 'node:path'
import { accountable, type Consumer, consumerKey } from '../model/consumer.ts'
import { descend, type Place, ROOT } from './consumer-of.ts'

/** A consumer that has a control group, and the path of the first. */
export interface LiveConsumer {
  readonly consumer: Consumer
  readonly path: string
}

/** As many as the agent follows. */
const MOST_GROUPS = 10_000

/** Consumers that have a group below `root` now, from the outermost groups inwards. What cannot be read is left out. */
export function liveConsumers(root: string): LiveConsumer[] {
  const found = new Map<string, LiveConsumer>()
  const groups: { readonly path: string; readonly place: Place }[] = [{ path: '/', place: ROOT }]
  // A list that grows is gone through to its end.
  for (const { path, place } of groups) {
    const consumer = accountable(place.consumer)
    const key = consumerKey(consumer)
    if (!found.has(key)) found.set(key, { consumer, path })
    for (const name of foldersIn(join(root, path), MOST_GROUPS - groups.length)) {
      groups.push({ path: join(path, name), place: descend(place, name) })
    }
  }
  return [...found.values()]
}

function foldersIn(path: string, most: number): string[] {
  const names: string[] = []
  try {
    const folder = opendirSync(path)
    try {
      for (let entry = folder.readSync(); entry !== null && names.length < most; entry = folder.readSync()) {
        if (entry.isDirectory()) names.push(entry.name)
      }
    } finally {
      folder.closeSync()
    }
  } catch {}
  return names
}
