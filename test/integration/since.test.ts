import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChannelAccount } from '../../src/integration/channel-account.ts'
import type { CounterChannel } from '../../src/model/channel.ts'
import { UJ_PER_J } from '../../src/model/units.ts'
import { count, counterChannel, seconds } from './machine.ts'

const countsSince = (since: string): CounterChannel =>
  counterChannel('node', { modulus: null, unitUj: { numerator: UJ_PER_J, denominator: 1n }, since })

/** Ten seconds of 50 J each. */
function tenSeconds(account: ChannelAccount, fromS: number, fromJ: bigint): void {
  for (let s = 0; s <= 10; s++) account.accept(count(seconds(fromS + s), fromJ + 50n * BigInt(s)))
}

/** An account that has read ten seconds from 100 J on. */
function counted(): ChannelAccount {
  const account = new ChannelAccount(countsSince('one'), null)
  tenSeconds(account, 0, 100n)
  assert.equal(account.state.energyUj, 500n * UJ_PER_J)
  return account
}

test('what a counter says since another time is no continuation, also where it is more', () => {
  const account = counted()
  account.redefine(countsSince('two'))
  tenSeconds(account, 12, 700n)
  const { energyUj, unaccountedNs } = account.state
  assert.equal(energyUj, 1_000n * UJ_PER_J)
  assert.equal(unaccountedNs, seconds(2), 'the time between the two is a gap')
})

test('after a restart a counter of the same time is bridged, and one of another is not', () => {
  const { state } = counted()
  for (const [since, joules] of [
    ['one', 1_150n],
    ['two', 1_000n],
  ] as const) {
    const account = new ChannelAccount(countsSince(since), state)
    tenSeconds(account, 13, 750n)
    assert.equal(account.state.energyUj, joules * UJ_PER_J, since)
  }
})
