import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bmcDay } from '../../scripts/node-model/bmc.ts'
import { readBmc } from '../../scripts/node-model/rows.ts'

const dayOf = (name: string) => bmcDay(readBmc(join(import.meta.dirname, '../fixtures/node-power', `bmc-${name}.csv`)))

test('what a BMC says where it knows nothing is no watts, and standby is no load', () => {
  const { metered, standby, silent, leastOnW, efficiencies } = dayOf('holy7c18202')
  assert.deepEqual({ metered, standby, silent, leastOnW }, { metered: 22, standby: 20, silent: 26, leastOnW: 170 })
  assert.deepEqual(efficiencies, [])
})

test('what a supply loses shows over half hours', () => {
  const { efficiencies, standby } = dayOf('lichtmandce03')
  assert.equal(efficiencies.length, 8)
  for (const one of efficiencies) assert.ok(one > 0.8 && one < 0.9, `${one}`)
  assert.equal(standby, 0)
})
