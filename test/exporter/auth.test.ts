import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { compare, hashSync } from 'bcryptjs'
import { BasicAuth } from '../../src/exporter/web-config/basic-auth.ts'
import { MOST_WAITING, PasswordCheck } from '../../src/exporter/web-config/password-check.ts'
import { ask, connectTo, receiveAll, serve } from './served.ts'

/** The cheapest hash that bcrypt allows: these tests are not about its strength. */
const hash = (password: string): string => hashSync(password, 4)
const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`

function withFile(context: TestContext, yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-auth-'))
  context.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'web.yml'), yaml)
  return join(folder, 'web.yml')
}

test('every path needs credentials, unknown ones too', async (t) => {
  const webConfigFile = withFile(t, `basic_auth_users: { alice: "${hash('wonder:land é')}" }`)
  const address = await serve(t, { webConfigFile })
  for (const path of ['/', '/metrics', '/healthz', '/api/v1/snapshot', '/nothing']) {
    const { status, headers } = await ask(address + path)
    assert.equal(status, 401)
    assert.match(headers['www-authenticate'] ?? '', /^Basic realm=/)
  }
  const as = async (authorization: string, path = '/metrics'): Promise<number> =>
    (await ask(address + path, { headers: { authorization } })).status
  assert.equal(await as(basic('alice:wonder:land é')), 200)
  assert.equal(await as(basic('alice:wonder:land é').replace('Basic', 'basic')), 200)
  assert.equal(await as(basic('alice:wonder:land é'), '/nothing'), 404)
  for (const wrong of ['alice:wonder', 'bob:wonder:land é', 'alice', ':', '']) {
    assert.equal(await as(basic(wrong)), 401, wrong)
  }
  for (const wrong of ['Bearer x', 'Basic', 'Basic !!!', basic('alice:wonder:land é').slice(6)]) {
    assert.equal(await as(wrong), 401, wrong)
  }
})

test('a removed user and a changed password count at the next request of the same connection', async (t) => {
  const webConfigFile = withFile(t, `basic_auth_users: { alice: "${hash('one')}" }`)
  const socket = await connectTo(await serve(t, { webConfigFile }))
  const request = `GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('alice:one')}\r\n`
  const answered = new Promise((resolve) => socket.once('data', resolve))
  socket.write(`${request}\r\n`)
  assert.match(String(await answered), /^HTTP\/1.1 200 /)
  writeFileSync(webConfigFile, `basic_auth_users: { alice: "${hash('two')}" }`)
  const rest = receiveAll(socket)
  socket.write(`${request}Connection: close\r\n\r\n`)
  assert.match(await rest, /^HTTP\/1.1 401 /)
})

test('configured headers win and the rate limit holds', async (t) => {
  const webConfigFile = withFile(
    t,
    'http_server_config: { headers: { X-Frame-Options: sameorigin } }\nrate_limit: { interval: 1h, burst: 2 }',
  )
  const address = await serve(t, { webConfigFile })
  const { status, headers } = await ask(`${address}/healthz`)
  assert.equal(status, 200)
  assert.equal(headers['x-frame-options'], 'sameorigin')
  assert.equal((await ask(`${address}/healthz`)).status, 200)
  const limited = await ask(`${address}/healthz`)
  assert.equal(limited.status, 429)
  assert.equal(limited.headers['retry-after'], '1')
})

/** Real comparisons, written down: the cost of each. */
function counted(): { readonly auth: BasicAuth; readonly costs: string[] } {
  const costs: string[] = []
  const recorded = (password: string, hash: string): Promise<boolean> => {
    assert.equal(hash.length, 60)
    costs.push(hash.slice(4, 6))
    return compare(password, hash)
  }
  return { auth: new BasicAuth(new PasswordCheck({ compare: recorded, rest: async () => {} })), costs }
}

test('a refusal is one comparison of the same cost, whether the user exists or not', async () => {
  const { auth, costs } = counted()
  const users = new Map([['alice', hashSync('right', 5)]])
  for (const wrong of ['alice:wrong', 'bob:wrong', 'bob:right', ':', 'alice:', 'bob:decoy', `bob:${'x'.repeat(100)}`]) {
    assert.equal(await auth.check(basic(wrong), users), 'denied', wrong)
    assert.deepEqual(costs.splice(0), ['05'], wrong)
  }
})

test('where the costs of hashes differ, those of unknown users differ likewise, each always the same', async () => {
  const { auth, costs } = counted()
  const users = new Map([
    ['alice', hashSync('right', 4)],
    ['carol', hashSync('right', 5)],
  ])
  const costOf = async (user: string): Promise<string | undefined> => {
    await auth.check(basic(`${user}:wrong`), users)
    return costs.pop()
  }
  assert.deepEqual([await costOf('alice'), await costOf('carol')], ['04', '05'])
  const names = Array.from({ length: 40 }, (_, index) => `nobody-${index}`)
  const first: unknown[] = []
  for (const name of names) first.push(await costOf(name))
  assert.deepEqual(new Set(first), new Set(['04', '05']))
  const restarted = counted()
  for (const [index, name] of names.entries()) {
    await restarted.auth.check(basic(`${name}:wrong`), users)
    assert.equal(restarted.costs.pop(), first[index], name)
  }
})

test('a right password is compared once', async () => {
  const { auth, costs } = counted()
  const users = new Map([['alice', hash('right')]])
  for (let again = 0; again < 3; again++) assert.equal(await auth.check(basic('alice:right'), users), 'granted')
  assert.equal(costs.length, 1)
  assert.equal(await auth.check(basic('alice:wrong'), users), 'denied')
  assert.equal(await auth.check(basic('alice:right'), new Map([['alice', hash('right')]])), 'granted')
  assert.equal(costs.length, 3, 'another hash of the same password is compared anew')
})

test('guessing rests after each wrong password and is refused when many wait', async () => {
  const rests: PromiseWithResolvers<void>[] = []
  const rest = (restMs: number): Promise<void> => {
    assert.ok(restMs > 0)
    const resting = Promise.withResolvers<void>()
    rests.push(resting)
    return resting.promise
  }
  const check = new PasswordCheck({ rest })
  const right = hash('right')
  assert.equal(await check.matches('right', right), true)
  assert.equal(rests.length, 0)
  assert.equal(await check.matches('wrong', right), false)
  assert.equal(rests.length, 1)
  const waiting = Array.from({ length: MOST_WAITING }, () => check.matches('wrong', right))
  assert.equal(await check.matches('right', right), null)
  // As long as the first of those that wait would take, did it not wait.
  await new PasswordCheck({ rest: async () => {} }).matches('wrong', right)
  assert.equal(rests.length, 1)
  for (const answer of waiting) {
    rests.at(-1)?.resolve()
    assert.equal(await answer, false)
  }
  assert.equal(rests.length, 1 + MOST_WAITING)
  rests.at(-1)?.resolve()
  assert.equal(await check.matches('right', right), true)
})

test('the same login asked many times at once is one comparison', async () => {
  const auth = new BasicAuth()
  const users = new Map([['alice', hash('right')]])
  const logins = Array.from({ length: 100 }, () => auth.check(basic('alice:right'), users))
  assert.deepEqual(new Set(await Promise.all(logins)), new Set(['granted']))
  const guesses = Array.from({ length: 100 }, (_, index) => auth.check(basic(`alice:${index}`), users))
  const verdicts = Map.groupBy(await Promise.all(guesses), (verdict) => verdict)
  assert.equal(verdicts.get('denied')?.length, MOST_WAITING)
  assert.equal(verdicts.get('busy')?.length, 100 - MOST_WAITING)
})
