import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { masked } from '../../../src/model/secrets.ts'
import { Bmc, type Fault, PASSWORD } from '../../fixtures/redfish/bmc.ts'
import { dial, idrac8, idrac10 } from '../../fixtures/redfish/trees.ts'
import { Rig, shown } from './rig.ts'

const isLogin = (method: string | undefined, path: string) => method === 'POST' && path.endsWith('Sessions')

/** Answers a login so. */
const loginFault =
  (status: number, body: object = {}, told = {}): Fault =>
  ({ method }, response, path) =>
    isLogin(method, path) && Boolean(response.writeHead(status, told).end(JSON.stringify(body)))

const rigOf = (t: TestContext, keys = {}) => Rig.create(t, idrac10(dial()), keys)

const logins = ({ bmc }: Rig) => bmc.paths.filter((path) => path.startsWith('POST')).length

/** None that the controller made is left in it. */
function assertClean({ bmc }: Rig): void {
  assert.equal(bmc.tokens.size, 0)
  assert.equal(bmc.opened, bmc.deleted + bmc.expired)
  assert.equal(bmc.mostInFlight, 1)
}

test('one session for all passes, deleted when it ends', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  for (let pass = 0; pass < 5; pass++) await rig.pass()
  assert.deepEqual([rig.bmc.opened, rig.bmc.tokens.size], [1, 1])
  await rig.sensor.close()
  await rig.sensor.close()
  assertClean(rig)
  assert.equal(rig.bmc.paths.at(-1), 'DELETE /redfish/v1/SessionService/Sessions/1')
  assert.equal(rig.bmc.connections, 1, 'one connection serves all')
})

test('opened anew it deletes the session of before', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  await rig.open()
  assert.deepEqual([rig.bmc.opened, rig.bmc.deleted], [2, 1])
})

test('a session that expired is followed by one, and the reading is not lost', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  rig.bmc.expire()
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  await rig.sensor.close()
  assert.deepEqual([rig.bmc.opened, rig.bmc.expired, rig.bmc.deleted], [2, 1, 1])
  assertClean(rig)
})

test('a session that is refused with 403 and still there is deleted', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  rig.bmc.fault = ({ headers }, response) =>
    headers['x-auth-token'] === 'token-1' && Boolean(response.writeHead(403).end('{}'))
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  assert.deepEqual([rig.bmc.opened, rig.bmc.deleted], [2, 1])
})

test('a session that is refused while no other can be made is deleted in the end', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  const full = loginFault(503, { MessageId: 'RAC0218' })
  rig.bmc.fault = (request, response, path) => {
    if (request.method !== 'GET') return full(request, response, path)
    return Boolean(response.writeHead(403).end('{}'))
  }
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  await rig.sensor.close()
  assertClean(rig)
})

test('a resource that the account may not read costs one more login, and not one for each pass', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  rig.bmc.fault = (_, response, path) => path.endsWith('SystemPower') && Boolean(response.writeHead(403).end('{}'))
  for (let pass = 0; pass < 4; pass++) assert.equal(shown(await rig.pass()).at(-1), 'SENSOR_PERMISSION')
  assert.equal(rig.bmc.opened, 2)
})

test('after a controller restarted there is a new session', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  await rig.bmc.stop()
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  await rig.bmc.reboot()
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  await rig.sensor.close()
  assertClean(rig)
})

test('a wrong password is tried once in five minutes, so that it locks no account', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  writeFileSync(rig.passwordFile, 'wrong-horse')
  rig.bmc.expire()
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_PERMISSION', 'SENSOR_PERMISSION'])
  assert.deepEqual([logins(rig), rig.waits.at(-1)], [2, 300_000])
  await rig.sensor.readNow(new AbortController().signal)
  assert.equal(logins(rig), 2, 'nor when somebody asks')
  rig.sensor.drain()
  writeFileSync(rig.passwordFile, PASSWORD)
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  const refused = await Rig.create(t, idrac8(dial()))
  writeFileSync(refused.passwordFile, 'wrong-horse')
  const { code, remedy, retryAfterMs } = await refused.refusal()
  assert.deepEqual([code, retryAfterMs], ['SENSOR_PERMISSION', 300_000])
  assert.match(remedy ?? '', /check sensors\.redfish\.username, and the password in \/.*password$/)
})

test('too many sessions: nothing is asked for five minutes, nor by password', async (t) => {
  const rig = await rigOf(t)
  const body = { error: { '@Message.ExtendedInfo': [{ MessageId: 'IDRAC.2.8.RAC0218', Severity: 'Informational' }] } }
  rig.bmc.fault = loginFault(503, body)
  const { code, message, retryAfterMs } = await rig.refusal()
  assert.deepEqual([code, retryAfterMs], ['SENSOR_TRANSIENT', 300_000])
  assert.match(message, /HTTP 503 at the login: it has too many sessions/)
  assert.deepEqual(rig.bmc.paths, ['POST /redfish/v1/SessionService/Sessions'])
})

test('while it reads, a full controller is left alone too', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  rig.bmc.expire()
  rig.bmc.fault = loginFault(503, { MessageId: 'RAC0218' })
  assert.deepEqual(shown(await rig.pass()), ['SENSOR_TRANSIENT', 'SENSOR_TRANSIENT'])
  const asked = rig.bmc.asked.length
  assert.equal(rig.waits.at(-1), 300_000)
  rig.bmc.fault = () => false
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  assert.ok(rig.bmc.asked.length > asked)
})

test('a controller without sessions gets the account with each request', async (t) => {
  const rig = await rigOf(t)
  rig.bmc.sessionsAt = null
  await rig.open()
  assert.deepEqual(shown(await rig.pass()), [4_711_125n, 312])
  assert.equal(logins(rig), 2, 'both places were tried once')
  assert.match(rig.bmc.asked.at(-1)?.headers.authorization ?? '', /^Basic /)
})

test('it ends in the middle of a login: the session that this made is deleted', async (t) => {
  const rig = await rigOf(t)
  const arrived = Promise.withResolvers<() => void>()
  rig.bmc.fault = ({ method }, response, path) => {
    if (!isLogin(method, path)) return false
    rig.bmc.fault = () => false
    // Made before the answer is there.
    rig.bmc.opened += 1
    rig.bmc.tokens.set('late', `${path}/late`)
    const told = { 'x-auth-token': 'late', location: `${path}/late` }
    arrived.resolve(() => void response.writeHead(201, told).end('{}'))
    return true
  }
  const opening = rig.open().catch((error) => error)
  const answer = await arrived.promise
  const closing = rig.sensor.close()
  answer()
  await closing
  assert.ok((await opening) instanceof Error)
  assertClean(rig)
})

test('an abort of the opening leaves no session, wherever it comes', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  const requests = rig.bmc.asked.length
  await rig.sensor.close()
  for (let at = 1; at < requests; at++) {
    const abort = new AbortController()
    let seen = 0
    rig.bmc.fault = () => {
      seen += 1
      if (seen === at) abort.abort(new Error('enough'))
      return false
    }
    await assert.rejects(rig.sensor.open(abort.signal), /enough/)
    assertClean(rig)
  }
})

test('a controller that does not answer cannot hold up the end', async (t) => {
  const rig = await rigOf(t)
  await rig.open()
  rig.bmc.fault = () => true
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const closing = rig.sensor.close()
  t.mock.timers.tick(3_000)
  await closing
})

test('the password and the token are masked, and an open file is told of', async (t) => {
  const rig = await rigOf(t)
  chmodSync(rig.passwordFile, 0o644)
  const [channel] = await rig.open()
  assert.equal(channel?.facts.password, `every user may read it: chmod 0640 ${rig.passwordFile}`)
  const basic = Buffer.from(`reader:${PASSWORD}`).toString('base64')
  assert.equal(masked(`${PASSWORD} token-1 ${basic}`), '*** *** ***')
})

test('a password that cannot be read is a remedy, and nothing is sent', async (t) => {
  const rig = await rigOf(t, { password_file: '/nowhere/password' })
  const { code, message, remedy } = await rig.refusal()
  assert.equal(code, 'SENSOR_PERMISSION')
  assert.match(message, /^\/nowhere\/password: the key cannot be read \(ENOENT\)/)
  assert.match(remedy ?? '', /chmod 0640 \/nowhere\/password/)
  assert.equal(logins(rig), 0)
})

test('no answer leads a token to another host', async (t) => {
  const tree = idrac10(dial())
  const stranger = await Bmc.start({})
  t.after(() => stranger[Symbol.asyncDispose]())
  const rig = await Rig.create(t, {
    ...tree,
    '/redfish/v1/Systems': { Members: [{ '@odata.id': `//127.0.0.1:${stranger.port}/redfish/v1/Systems/1` }] },
  })
  const { message } = await rig.refusal()
  assert.match(message, /it leads to another host/)
  assert.equal(stranger.asked.length, 0)
})
