import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tenants } from '../../src/attribution/tenants.ts'
import type { Consumer } from '../../src/model/consumer.ts'

const pod: Consumer = {
  kind: 'pod',
  id: 'u',
  name: 'shop/cart-0',
  labels: { namespace: 'shop', pod: 'cart-0', qos: 'burstable' },
}
const nginx: Consumer = { kind: 'service', id: 'nginx.service', name: 'nginx.service', labels: {} }

const tenants = new Tenants([
  { tenant: 'platform', kind: 'pod', labels: { namespace: 'kube-*' } },
  { tenant: 'web', kind: 'service', name: '/(nginx|apache2)\\.service/' },
  { tenant: 'shop', labels: { namespace: 'shop', qos: '*' } },
  { tenant: 'late', name: 'nginx.service' },
])

test('the first rule whose conditions all hold names the tenant', () => {
  assert.equal(tenants.of(pod), 'shop')
  assert.equal(tenants.of(nginx), 'web')
  assert.equal(tenants.of({ ...nginx, kind: 'scope' }), 'late')
  assert.equal(tenants.of({ ...nginx, name: 'cron.service' }), 'unassigned')
  assert.equal(new Tenants([]).of(pod), 'unassigned')
})

test('a label that a consumer does not have matches nothing, whatever it is called', () => {
  const rules = new Tenants([{ tenant: 'a', labels: { toString: '*' } }])
  assert.equal(rules.of(nginx), 'unassigned')
})

test('an explanation says what each rule before missed', () => {
  assert.deepEqual(tenants.explain(pod), {
    tenant: 'shop',
    rule: 3,
    matched: [
      { key: 'labels.namespace', pattern: 'shop', value: 'shop' },
      { key: 'labels.qos', pattern: '*', value: 'burstable' },
    ],
    passed: [
      { rule: 1, tenant: 'platform', key: 'labels.namespace', pattern: 'kube-*', value: 'shop' },
      { rule: 2, tenant: 'web', key: 'kind', pattern: 'service', value: 'pod' },
    ],
  })
  const { tenant, rule, passed } = tenants.explain({ ...nginx, name: 'x' })
  assert.deepEqual(
    [tenant, rule, passed.map(({ key, value }) => [key, value])],
    [
      'unassigned',
      null,
      [
        ['kind', 'service'],
        ['name', 'x'],
        ['labels.namespace', null],
        ['name', 'x'],
      ],
    ],
  )
})
