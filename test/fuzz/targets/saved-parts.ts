import assert from 'node:assert/strict'
import { parseSavedParts } from '../../../src/machine/saved-parts.ts'
import type { FuzzTarget } from '../target.ts'

/** What root saved, in a folder that is not root's: nothing, or parts within their bounds and names fit for a terminal. */
export const savedParts: FuzzTarget = {
  name: 'saved-parts',
  tokens: ['"version":1', '"dimmsGb":[', '"suppliesW":[null', '"chassisType":23', '1e308', '-1', '\\u001b[2J', 'null'],
  run(input) {
    const parts = parseSavedParts(input.toString('utf8'))
    if (parts === null) return
    const { dimmsGib, suppliesW, disks, gpus, processors, product } = parts
    for (const gib of dimmsGib ?? []) assert.ok(gib > 0 && gib <= 1e9)
    for (const watts of suppliesW ?? []) assert.ok(watts === null || (watts > 0 && watts < 0x8000))
    for (const name of [product, ...[...disks, ...gpus, ...processors].map((one) => one.name)]) {
      assert.doesNotMatch(name ?? '', /\p{Cc}/u)
    }
  },
}
