import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContractConfig, contractsOf, residualOf } from '../../../src/carbon/market/contract.ts'
import { MarketMix } from '../../../src/carbon/market/market-mix.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import { UJ_PER_KWH } from '../../../src/model/units.ts'
import fc from '../../property.ts'
import { aCarbon, value } from '../a-carbon.ts'

const HOUR = 3_600_000
const START = Date.parse('2026-03-01T00:00:00Z')
const PUE_ONE = 1_000_000n

const contract = (name: string, over: Partial<ContractConfig>): ContractConfig => ({
  name,
  instrument: 'ppa',
  share: 1,
  kwh: null,
  g_per_kwh: 0,
  basis: 'direct',
  from: '2026-01-01',
  to: '2027-01-01',
  ...over,
})

const split = (mix: MarketMix, kwh: bigint, at = START, puePpm = PUE_ONE) =>
  mix
    .split(kwh * UJ_PER_KWH, puePpm, at)
    .map(({ factor, energyUj }) => [factor.source, factor.instrument, Number(energyUj) / Number(UJ_PER_KWH)])

test('claims follow the hierarchy: certificates, agreements, supplier, residual mix', () => {
  const contracts = contractsOf(
    [
      contract('utility', { instrument: 'supplier', share: 0.5, g_per_kwh: 210 }),
      contract('wind', { instrument: 'ppa', share: 0.3 }),
      contract('GO 2026', { instrument: 'eac', share: 0.25 }),
    ],
    'DE',
  )
  const residual = residualOf({ g_per_kwh: 720, basis: 'direct', reference: 'AIB 2024' }, 'DE')
  assert.deepEqual(split(new MarketMix(contracts, null), 100n), [
    ['contract:GO 2026', 'eac', 25],
    ['contract:wind', 'ppa', 30],
    // Half of the whole, of which 45 are left.
    ['contract:utility', 'supplier', 45],
  ])
  assert.deepEqual(split(new MarketMix(contracts.slice(0, 1), residual), 100n), [
    ['contract:GO 2026', 'eac', 25],
    ['residual:AIB 2024', 'residual', 75],
  ])
})

test('a contract counts in its period alone', () => {
  const mix = new MarketMix(
    contractsOf([contract('march', { from: '2026-03-01', to: '2026-04-01T00:00:00+02:00' })], 'DE'),
    null,
  )
  const end = Date.parse('2026-03-31T22:00:00Z')
  assert.deepEqual([split(mix, 1n, START - 1), split(mix, 1n, end)], [[], []])
  assert.equal(split(mix, 1n, START).length, 1)
  assert.deepEqual([mix.untilUnixMs(START - 1), mix.untilUnixMs(START), mix.untilUnixMs(end)], [START, end, Infinity])
})

test('a certificate for so many kWh of the site is claimed for no more, over a restart too', () => {
  const contracts = contractsOf([contract('GO', { instrument: 'eac', kwh: 10 })], 'DE')
  const first = new MarketMix(contracts, null)
  // At a PUE of 2, ten kWh of the site are five of the machine.
  assert.deepEqual(split(first, 3n, START, 2_000_000n), [['contract:GO', 'eac', 3]])
  const second = new MarketMix(contracts, null)
  second.restore(first.claimedUj)
  assert.deepEqual(split(second, 3n, START, 2_000_000n), [['contract:GO', 'eac', 2]])
  assert.deepEqual(split(second, 3n, START, 2_000_000n), [])
  assert.deepEqual(second.claimedUj, { 'GO 2026-01-01T00:00:00.000Z': 10n * UJ_PER_KWH })
})

test('a renewed contract of the same name begins anew', () => {
  const [a] = contractsOf([contract('GO', { kwh: 1 })], 'DE')
  const [b] = contractsOf([contract('GO', { kwh: 1, from: '2027-01-01', to: '2028-01-01' })], 'DE')
  assert.notEqual(a?.key, b?.key)
})

test('contracts that the ledger could not tell apart are refused: they would share what one of them holds', () => {
  const twice = [contract('GO', { instrument: 'eac', kwh: 10 }), contract('GO', { instrument: 'eac', kwh: 20 })]
  assert.throws(() => contractsOf(twice, 'DE'), {
    name: 'ConfigFault',
    message: 'carbon.market: two contracts are named GO and begin at 2026-01-01T00:00:00.000Z: give each its own name',
  })
  assert.equal(
    contractsOf([contract('GO', {}), contract('GO', { from: '2027-01-01', to: '2028-01-01' })], 'DE').length,
    2,
  )
})

test('the Scope 2 example: what no contract claims has the average of the grid', () => {
  // GHG Protocol Scope 2 Guidance (2015): 60,000 t from 100,000 MWh are 0.6 t/MWh, for location and for what is not contracted.
  const gPerKwh = (60_000 * 1e6) / (100_000 * 1e3)
  const market = new MarketMix(contractsOf([contract('wind', { share: 0.4 })], 'DE'), null)
  const { carbon } = aCarbon({ sources: [value(gPerKwh)], market })
  const { co2eLocationUg, co2eMarketUg } = carbon.book(1_000n * UJ_PER_KWH, START, START + HOUR)
  assert.equal(co2eLocationUg, 600_000_000_000n)
  assert.equal(co2eMarketUg, 360_000_000_000n)
  const rows = carbon.collect().emissions.map(({ account, factor, co2eUg }) => [account, factor.instrument, co2eUg])
  assert.deepEqual(rows, [
    ['location', 'grid', 600_000_000_000n],
    ['market', 'ppa', 0n],
    ['market', 'grid', 360_000_000_000n],
  ])
})

test('every kWh is claimed once: parts never exceed the whole, nor a contract what it holds', () => {
  const anyContract = fc.record({
    instrument: fc.constantFrom('eac', 'ppa', 'supplier'),
    share: fc.integer({ min: 0, max: 30 }).map((percent) => percent / 100),
    kwh: fc.option(fc.nat(5)),
  })
  const pieces = fc.array(fc.bigInt({ min: 0n, max: 2n * UJ_PER_KWH }), { maxLength: 40 })
  fc.assert(
    fc.property(
      fc.array(anyContract, { maxLength: 3 }),
      pieces,
      fc.integer({ min: 1_000_000, max: 3_000_000 }),
      (list, energies, pue) => {
        const configs = list.map((one, n) => contract(`c${n}`, one as Partial<ContractConfig>))
        const contracts = contractsOf(configs, 'DE')
        const mix = new MarketMix(contracts, null)
        for (const energyUj of energies) {
          const claims = mix.split(energyUj, BigInt(pue), START)
          const claimed = claims.reduce((sum, claim) => sum + claim.energyUj, 0n)
          assert.ok(claimed <= energyUj && claims.every((claim) => claim.energyUj > 0n))
        }
        for (const { key, siteUj } of contracts) {
          if (siteUj !== null) assert.ok((mix.claimedUj[key] ?? 0n) <= siteUj)
        }
      },
    ),
  )
})

test('contracts that cannot be are refused with their names', () => {
  const refused = (...configs: ContractConfig[]) => assert.throws(() => contractsOf(configs, 'DE'), ConfigFault)
  assert.throws(
    () => contractsOf([contract('a', { share: 0.7 }), contract('b', { share: 0.5, instrument: 'eac' })], 'DE'),
    { message: 'carbon.market: the shares of a, b add up to 1.2 from 2026-01-01: each kWh can be claimed once' },
  )
  assert.throws(
    () =>
      contractsOf(
        [
          contract('late', { to: '2025-01-01' }),
          contract('b', {}),
          contract('c', { from: '2026-02-30', to: '2026-02-31' }),
        ],
        'DE',
      ),
    {
      message: [
        'carbon.market.contracts.0.to: expected a time later than from, received 2025-01-01',
        'carbon.market.contracts.2.from: expected a day that exists, received 2026-02-30',
        'carbon.market.contracts.2.to: expected a day that exists, received 2026-02-31',
      ].join('\n'),
    },
  )
  refused(contract('backwards', { to: '2025-01-01' }))
  refused(contract('no such day', { from: '2026-02-30' }))
  refused(contract('too dirty', { g_per_kwh: 2_001 }))
  // One after the other, and what a supplier covers of the rest, is no double claim.
  contractsOf(
    [
      contract('a', { share: 0.7, to: '2026-07-01' }),
      contract('b', { share: 0.5, from: '2026-07-01' }),
      contract('rest', { instrument: 'supplier' }),
    ],
    'DE',
  )
})
