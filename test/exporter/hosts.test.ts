import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KnownHosts, ownNames } from '../../src/exporter/known-hosts.ts'
import { ask, connectTo, receiveAll, serve } from './served.ts'

test('under a name that this machine is not known by there is no page and no API, but scrapes and probes', async (t) => {
  const address = await serve(t, { hosts: ['power.example.org'] })
  const statusOf = async (path: string, host: string): Promise<number> =>
    (await ask(address + path, { headers: { host } })).status
  for (const path of ['/', '/?refresh', '/api/v1/snapshot']) {
    for (const host of ['evil.example', 'evil.example:10910', 'power.example.org.evil.example', 'localhost.evil']) {
      assert.equal(await statusOf(path, host), 421, `${path} of ${host}`)
    }
    for (const host of ['127.0.0.1', '[::1]:10910', 'localhost', 'LOCALHOST.:1', hostname(), 'power.example.org:443']) {
      assert.equal(await statusOf(path, host), 200, `${path} of ${host}`)
    }
  }
  for (const path of ['/metrics', '/healthz']) assert.equal(await statusOf(path, 'node7.wattledger.svc'), 200)
  const refused = await ask(address, { headers: { host: 'evil.example' } })
  assert.match(refused.body.toString(), /^[^.]+ add the name to web\.hosts, or use its address\n$/)
})

test('a URL in the absolute form names the host, whatever the header says', async (t) => {
  const address = await serve(t)
  assert.equal((await ask(address, { path: 'http://evil.example/' })).status, 421)
  assert.equal((await ask(address, { path: 'http://localhost:1/', headers: { host: 'evil.example' } })).status, 200)
})

test('a request names one host: none and two are refused', async (t) => {
  const address = await serve(t)
  for (const [hosts, status] of [
    ['', 400],
    ['Host: localhost\r\nhost: localhost\r\n', 400],
    ['Host: localhost\r\nHost: evil.example\r\n', 400],
    ['Host: localhost\r\n', 200],
  ] as const) {
    const socket = await connectTo(address)
    const received = receiveAll(socket)
    socket.write(`GET /metrics HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`)
    assert.match(await received, new RegExp(`^HTTP/1\\.1 ${status} `), hosts)
  }
})

test('a star stands for every name, and in front of a domain for every name in it', () => {
  const any = new KnownHosts(['*'], [])
  assert.ok(any.knows('whatever.example:1'))
  const domain = new KnownHosts(['*.Rack1.example.org'], [])
  assert.ok(domain.knows('node7.rack1.example.org:10910'))
  for (const host of ['rack1.example.org', 'evilrack1.example.org', 'a.rack2.example.org'])
    assert.ok(!domain.knows(host))
})

test('the machine goes by its host name, its names in /etc/hosts and those in the searched domains', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-names-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [hosts, resolver] = [join(folder, 'hosts'), join(folder, 'resolv.conf')]
  writeFileSync(
    hosts,
    '127.0.0.1 localhost\n127.0.1.1\tnode7.example.org node7 # this one\n10.0.0.8 node8.example.org node8\n',
  )
  writeFileSync(resolver, '; by hand\nnameserver 10.0.0.1\nsearch corp.example. lab.example\n')
  assert.deepEqual(
    new Set(ownNames('node7', hosts, resolver)),
    new Set(['node7', 'node7.example.org', 'node7.corp.example', 'node7.lab.example']),
  )
  assert.deepEqual(ownNames('node7', join(folder, 'none'), folder), ['node7'])
})
