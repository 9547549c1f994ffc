import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { accountable, consumerKey } from '../../src/model/consumer.ts'
import { consumer, Rig, SECOND } from './rig.ts'

const UUID = '01234567-89ab-4cde-8f01-23456789abcd'

test('a measured command counts for the user around it, and its window is told its own share', () => {
  const rig = new Rig()
  const user = consumer('alice', 'user')
  const scope = { ...consumer(`wattledger-${UUID}.scope`, 'scope'), labels: { uid: 'alice' }, within: user }
  rig.look()
  rig.draw(1, { 'processors/socket-0': 100 })
  rig.lookAt([
    { ...rig.using('alice', { cpuS: 0.5, kind: 'user' }), consumer: user },
    { ...rig.using('scope', { cpuS: 1.5 }), consumer: scope },
    rig.using('system', {}),
  ])
  rig.collect(true)
  assert.equal(rig.attributedUj, rig.postedUj)
  assert.deepEqual(
    rig.rows.filter(({ consumer: { kind } }) => kind === 'scope'),
    [],
  )
  const own = rig.rows.find(({ consumer }) => consumer === user)
  assert.ok(own && own.dynamicUj > 0n)
  const toldUj = rig.own.filter(({ part }) => part === 'dynamic').reduce((sum, { energyUj }) => sum + energyUj, 0n)
  assert.ok(Math.abs(Number(toldUj) - 0.75 * Number(own.dynamicUj)) <= 1)
  assert.deepEqual(new Set(rig.own.map(({ window, uid }) => `${window} ${uid}`)), new Set([`${UUID} alice`]))
  assert.ok(!rig.tick().consumers.some(({ consumer: { kind } }) => kind === 'scope'))
})

test('a scope that root made is a consumer of its own, and one inside a container tells no window', () => {
  const rig = new Rig()
  const root = consumer(`wattledger-${UUID}.scope`, 'scope')
  const inside = { ...root, id: root.id.replace('0123', '4567'), within: consumer('c', 'container') }
  rig.look()
  rig.draw(1, { 'processors/socket-0': 100 })
  rig.lookAt([
    { ...rig.using('root', { cpuS: 1 }), consumer: root },
    { ...rig.using('inside', { cpuS: 1 }), consumer: inside },
    rig.using('system', {}),
  ])
  rig.collect(true)
  assert.equal(rig.attributedUj, rig.postedUj)
  const [rootJ, containerJ] = [rig.joules()[root.name]?.[1] ?? 0, rig.joules().c?.[1] ?? 0]
  assert.ok(rootJ > 10 && Math.abs(rootJ - containerJ) < 2e-6, `${rootJ} and ${containerJ} J of equal use`)
  assert.deepEqual(new Set(rig.own.map(({ window, uid }) => `${window} ${uid}`)), new Set([`${UUID} null`]))
})

test('a command that is seen to work has a share, also of a moment that draws no more than the idle machine', () => {
  const rig = new Rig()
  const scope = consumer(`wattledger-${UUID}.scope`, 'scope')
  const other = consumer(`wattledger-${UUID.replace('0123', '4567')}.scope`, 'scope')
  rig.look()
  for (let second = 0; second < 20; second++) {
    rig.draw(1, { 'processors/socket-0': 80 })
    rig.look()
  }
  rig.draw(1, { 'processors/socket-0': 79 })
  rig.lookAt([
    { ...rig.using('scope', { cpuS: 0.5 }), consumer: scope },
    { ...rig.using('asleep', {}), consumer: other },
    rig.using('system', {}),
  ])
  rig.tick()
  assert.deepEqual(rig.own, [{ window: UUID, uid: null, part: 'dynamic', energyUj: 0n }])
})

test('who holds a card is the consumer that it is by its name, though a process tells its group alone', () => {
  const rig = new Rig({ tenantOf: ({ labels }) => labels.namespace ?? 'unassigned' })
  const pod = { ...consumer('u-1', 'pod'), name: 'shop/cart', labels: { namespace: 'shop' } }
  rig.look()
  rig.draw(2, { 'processors/socket-0': 100, 'accelerators/card-0': 300 })
  rig.cards = [
    {
      leaf: 'accelerators/card-0',
      startNs: rig.clock.ns - 2n * SECOND,
      endNs: rig.clock.ns,
      holders: [{ consumer: consumer('u-1', 'pod'), use: SECOND, reserved: SECOND }],
      utilisation: 0.5,
    },
  ]
  rig.lookAt([{ ...rig.using('pod', { cpuS: 1, kind: 'pod' }), consumer: pod }, rig.using('system', {})])
  rig.collect(true)
  const own = rig.rows.filter(({ consumer }) => consumer.id === 'u-1')
  assert.deepEqual(
    own.map(({ consumer, tenant }) => [consumer.name, tenant]),
    [['shop/cart', 'shop']],
  )
  assert.ok((own[0]?.dynamicUj ?? 0n) > 300_000_000n)
})

test('the scope of a measured command is found wherever it is, and what only looks like one is none', () => {
  const scope = `wattledger-${UUID}.scope`
  const inside = '/user.slice/user-1000.slice/user@1000.service/app.slice'
  const whose = (path: string) => {
    const found = consumerOf(path)
    return [consumerKey(found), consumerKey(accountable(found))]
  }
  assert.deepEqual(whose(`${inside}/${scope}/worker`), [`scope:${scope}`, 'user:1000'])
  assert.deepEqual(whose(`/system.slice/${scope}`), [`scope:${scope}`, `scope:${scope}`])
  assert.deepEqual(whose(`/docker/${'3f8a'.repeat(16)}/${scope}`)[1], `container:${'3f8a'.repeat(16)}`)
  for (const other of ['wattledger-1.scope', `x-${scope}`, `${scope}x`, `wattledger-${UUID}.service`]) {
    assert.deepEqual(whose(`${inside}/${other}`), ['user:1000', 'user:1000'])
  }
  // Whose manager made it: sudo leaves a command in the slice of who called it.
  const slice = '/user.slice/user-1000.slice'
  assert.deepEqual(consumerOf(`${inside}/${scope}`).labels, { uid: '1000' })
  assert.deepEqual(consumerOf(`${slice}/${scope}`).labels, {})
  assert.deepEqual(whose(`${slice}/${scope}`), [`scope:${scope}`, 'user:1000'])
  const nested = scope.replace('0123', '4567')
  assert.deepEqual(whose(`${inside}/${scope}/${nested}`), [`scope:${nested}`, 'user:1000'])
})
