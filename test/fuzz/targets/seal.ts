import assert from 'node:assert/strict'
import { sealOf, textOf } from '../../../src/seal/seal-text.ts'
import { placeOf } from '../../../src/seal/sealed-file.ts'
import { signerOf } from '../../../src/seal/ssh-signature.ts'
import type { FuzzTarget } from '../target.ts'

/** What `verify` reads of the folder of seals, which whoever has changed the ledger may have changed as well. */
export const seal: FuzzTarget = {
  name: 'seal',
  tokens: [
    'wattledger-seal 1\n',
    'day 2026-11-22\n',
    'previous none\n',
    'rows ',
    'hours ',
    '9007199254740993',
    '-1',
    '{"late":"node_hour","start_unix_ms":',
    '{"table":"event","event_id":1}',
    '-----BEGIN SSH SIGNATURE-----',
    'U1NIU0lHAAAAAQ',
    '\n',
  ],
  run(input) {
    const text = input.toString('utf8')
    const seal = sealOf(text)
    if (seal !== null) assert.equal(textOf(seal), text)
    for (const line of text.split('\n')) {
      const place = placeOf(line)
      assert.ok(place === null || Number.isSafeInteger(place.at))
    }
    // Of the seal of the corpus, which mutations of its signature do not sign.
    assert.equal(signerOf('another message', text), null)
  },
}
