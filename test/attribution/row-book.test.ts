import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RowBook } from '../../src/attribution/row-book.ts'
import { consumer } from './rig.ts'

test('no name of a consumer or a tenant makes two rows one', () => {
  const book = new RowBook()
  const [one, other] = [consumer('a service:b'), consumer('b')]
  book.add(0, one, { idleUj: 1n, dynamicUj: 0n })
  book.add(0, other, { idleUj: 2n, dynamicUj: 0n })
  const rows = book.take((of) => (of === one ? 'team' : 'team service:a'))
  assert.deepEqual(
    rows.map(({ tenant, idleUj }) => [tenant, idleUj]),
    [
      ['team', 1n],
      ['team service:a', 2n],
    ],
  )
})
