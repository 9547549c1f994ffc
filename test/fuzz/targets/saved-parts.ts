import assert from 'node:assert/strict'
import { parseSavedParts } from '../../../src/machine/saved-parts.ts'
import { parseTold } from '../../../src/machine/told-parts-file.ts'
import type { FuzzTarget } from '../target.ts'

function checkTold(kept: ReturnType<typeof parseTold>): void {
  if (kept === null) return
  const { dimmsGib, suppliesW, disks, processors } = kept.parts
  for (const gib of dimmsGib ?? []) assert.ok(gib > 0 && gib <= 1e9)
  for (const watts of suppliesW ?? []) assert.ok(watts === null || (watts > 0 && watts <= 1e9))
  for (const { name } of [...(disks ?? []), ...(processors ?? [])]) assert.doesNotMatch(name, /\p{Cc}/u)
}

/** What root saved, and what a controller told, in a folder that is not root's: nothing, or parts within their bounds and names fit for a terminal. */
export const savedParts: FuzzTarget = {
  name: 'saved-parts',
  tokens: [
    '"version":1',
    '"teller":"10.0.0.7"',
    '"toldAt":"2026-03-01"',
    '"dimmsGib":[',
    '"dimmsGb":[',
    '"suppliesW":[null',
    '"chassisType":23',
    '1e308',
    '-1',
    '\\u001b[2J',
    'null',
  ],
  run(input) {
    const text = input.toString('utf8')
    checkTold(parseTold(text))
    const parts = parseSavedParts(text)
    if (parts === null) return
    const { dimmsGib, suppliesW, disks, gpus, processors, product } = parts
    for (const gib of dimmsGib ?? []) assert.ok(gib > 0 && gib <= 1e9)
    for (const watts of suppliesW ?? []) assert.ok(watts === null || (watts > 0 && watts < 0x8000))
    for (const name of [product, ...[...disks, ...gpus, ...processors].map((one) => one.name)]) {
      assert.doesNotMatch(name ?? '', /\p{Cc}/u)
    }
  },
}
