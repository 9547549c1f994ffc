import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type TenantReport, tenantsTest } from '../../src/commands/tenants.ts'
import { ConfigFault } from '../../src/model/config-fault.ts'

const UID = '0a1b2c3d-0001-4abc-8def-0123456789ab'
const OTHER_UID = UID.replace('0001', '0002')
const CONTAINER = 'ab12'.repeat(16)
const RULES = [
  { tenant: 'platform', kind: 'pod', labels: { namespace: 'kube-*' } },
  { tenant: 'shop', labels: { namespace: 'shop' } },
  { tenant: 'web', name: '/(nginx|apache2)\\.service/' },
]

/** A machine with some groups, of which `ask` asks. */
function machine(context: TestContext, { rules = RULES as readonly object[], cgroups = true } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-tenants-'))
  context.after(() => rmSync(root, { recursive: true }))
  const folder = (...path: string[]) => mkdirSync(join(root, ...path), { recursive: true })
  folder('proc')
  folder('cgroup')
  if (cgroups) writeFileSync(join(root, 'cgroup/cgroup.controllers'), 'cpu memory\n')
  folder('cgroup/system.slice/nginx.service')
  folder('cgroup/system.slice/bad\n\x1b[31mname.service')
  folder('cgroup/user.slice/user-1000.slice/session-3.scope')
  folder(`cgroup/system.slice/docker-${CONTAINER}.scope`)
  for (const uid of [UID, OTHER_UID]) folder(`cgroup/kubepods/burstable/pod${uid}`)
  folder(`logs/shop_cart-0_${UID}`)
  folder(`logs/shop_cart-0_${OTHER_UID}`)
  writeFileSync(join(root, 'passwd'), 'ada:x:1000:1000::/home/ada:/bin/sh\n')
  const file = join(root, 'wattledger.yaml')
  const paths = { procfs: join(root, 'proc'), cgroupfs: join(root, 'cgroup') }
  writeFileSync(file, JSON.stringify({ paths, attribution: { tenants: rules } }))
  const ask = (argument: string, json: boolean) => {
    let said = ''
    const stdout = { write: (text: string) => (said += text) }
    const names = { passwd: join(root, 'passwd'), podLogs: join(root, 'logs') }
    const code = tenantsTest({ file, argument, json, env: { HOME: root }, stdout, names })
    return { code, said }
  }
  return {
    root,
    text: (argument: string) => ask(argument, false),
    reports: (argument: string) => JSON.parse(ask(argument, true).said) as TenantReport[],
  }
}

test('a consumer is found by its name, its id, its unit and its path', (context) => {
  const { reports, root } = machine(context)
  const found = (argument: string) =>
    reports(argument).map(({ consumer, path, tenant }) => [consumer.name, path, tenant])
  assert.deepEqual(found('nginx.service'), [['nginx.service', '/system.slice/nginx.service', 'web']])
  assert.deepEqual(found('apache2.service'), [['apache2.service', null, 'web']])
  assert.deepEqual(found('/a.slice/apache2.service'), [['apache2.service', '/a.slice/apache2.service', 'web']])
  assert.deepEqual(found(`${root}/cgroup/system.slice/nginx.service`), [
    ['nginx.service', '/system.slice/nginx.service', 'web'],
  ])
  assert.deepEqual(found('4:cpu,cpuacct:/a.slice/b.service'), [['b.service', '/a.slice/b.service', 'unassigned']])
  assert.deepEqual(found('ada'), [['ada', '/user.slice/user-1000.slice', 'unassigned']])
  assert.deepEqual(found(CONTAINER.slice(0, 12)), [
    [CONTAINER.slice(0, 12), `/system.slice/docker-${CONTAINER}.scope`, 'unassigned'],
  ])
  assert.deepEqual(found(UID), [['shop/cart-0', `/kubepods/burstable/pod${UID}`, 'shop']])
  assert.deepEqual(found('/'), [['system', '/', 'unassigned']])
  assert.deepEqual(found('unallocated'), [['unallocated', null, 'unassigned']])
  assert.equal(reports('shop/cart-0').length, 2, 'two pods have had this name')
})

test('the text says which rule matches, and why no earlier one does', (context) => {
  const { code, said } = machine(context).text(UID)
  assert.equal(code, 0)
  assert.equal(
    said,
    `pod shop/cart-0, /kubepods/burstable/pod${UID}: tenant shop (rule 2)

rule  tenant    key               pattern  the consumer has
   1  platform  labels.namespace  kube-*   shop              no match
   2  shop      labels.namespace  shop     shop              matches
`,
  )
})

test('4 says that no rule matches', (context) => {
  const { code, said } = machine(context).text('ada')
  assert.equal(code, 4)
  assert.match(said, /^user ada, .*: tenant unassigned \(no rule matches\)\n/)
  assert.match(said, /2 {2}shop .* no such label +no match/)
  assert.match(machine(context, { rules: [] }).text('ada').said, /\(attribution\.tenants has no rules\)\n$/)
})

test('a name that nobody has is told with what was meant and what to do', (context) => {
  const { text } = machine(context)
  assert.throws(() => text('ngnix.servce'), {
    code: 'CONSUMER_UNKNOWN',
    message:
      /no consumer of this machine is called "ngnix\.servce" \(did you mean nginx\.service\?\): name the path of/,
  })
  assert.throws(() => machine(context, { cgroups: false }).text('x'), { message: /no control groups are mounted/ })
})

test('a terminal is not told what a group is called', (context) => {
  const { said } = machine(context).text('/system.slice/bad\n\x1b[31mname.service')
  assert.ok(!said.includes('\x1b'))
  assert.match(said, /^service "bad\\n\\u001b\[31mname\.service", /)
})

test('a bad rule is a fault of the configuration', (context) => {
  const { text } = machine(context, { rules: [{ tenant: 'a', name: '/(/' }] })
  assert.throws(() => text('/x'), ConfigFault)
})
