import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { OPENAPI } from '../../src/windows/openapi.ts'
import { promisesOf } from '../io/openapi-schema.ts'
import { freePort } from '../lab/free-port.ts'
import { type Answer, ask, counting, finalOf, hostOfWindows, shareOf, sleep, socketOf } from './agent-host.ts'

const assertPromised = promisesOf(OPENAPI)
const EXAMPLES = resolve(import.meta.dirname, '../../docs/examples')

const joulesOf = ({ body }: Answer, part: string): number =>
  body.parts.reduce(
    (sum: number, one: { part: string; energy_j: number }) => (one.part === part ? sum + one.energy_j : sum),
    0,
  )

test('windows, nested and tagged, and past spans, as the interface promises them', async () => {
  await using host = hostOfWindows()
  const agent = await host.start()
  await counting(agent)
  const socket = socketOf(host)
  const begin = async (wish: object) => {
    const answer = await ask(socket, 'POST', '/v1/windows', wish)
    assertPromised('/v1/windows', 'post', answer)
    assert.equal(answer.headers.location, `/v1/windows/${answer.body.id}`)
    return answer.body.id as string
  }
  const end = async (id: string) => {
    const answer = await ask(socket, 'POST', `/v1/windows/${id}/end`, {})
    assertPromised('/v1/windows/{id}/end', 'post', answer)
    return finalOf(socket, id)
  }
  const near = (value: number, truth: number, seconds: number) =>
    assert.ok(Math.abs(value - truth) < shareOf(host, seconds) * truth, `${value} instead of ${truth}`)
  const outer = await begin({ name: 'training', tags: { model: 'größer' } })
  const epochs: Answer[] = []
  for (let epoch = 1; epoch <= 3; epoch++) {
    const id = await begin({ name: 'epoch', series: 'run-7', repeats: 4, baseline_w: 50, tags: { epoch: `${epoch}` } })
    await sleep(1_100)
    epochs.push(await end(id))
  }
  const whole = await end(outer)
  assert.equal(whole.body.closed_by, 'client')
  assert.deepEqual(whole.body.tags, { model: 'größer' })
  // To the µJ: sums of doubles are no finer.
  const inside = epochs.reduce((sum, { body }) => sum + body.energy_j, 0)
  assert.ok(inside < whole.body.energy_j, `${inside} of ${whole.body.energy_j}`)
  // Whatever the waits in between took of a busy machine, the power is the same.
  for (const { body } of epochs) near(body.mean_w, whole.body.mean_w, body.duration_s)
  const { prediction, baseline, energy_j, covered_s } = epochs.at(-1)?.body ?? assert.fail()
  assert.equal(prediction.seen, 3)
  const { low_95: low, total, high_95: high } = prediction.energy_j
  assert.ok(inside <= low + 1e-6 && low <= total && total <= high && inside < total, `${[inside, low, total, high]}`)
  assert.ok(Math.abs(baseline.above_j - (energy_j - 50 * covered_s)) < 0.001)

  const seen = await ask(socket, 'GET', `/v1/windows/${outer}`)
  assertPromised('/v1/windows/{id}', 'get', seen)
  assert.deepEqual(seen.body, whole.body)
  assert.deepEqual((await end(outer)).body, whole.body)
  const listed = await ask(socket, 'GET', '/v1/windows?name=epoch&limit=2')
  assertPromised('/v1/windows', 'get', listed)
  assert.deepEqual(
    listed.body.windows.map(({ tags }: { tags: Record<string, string> }) => tags.epoch),
    ['3', '2'],
  )
  const span = await ask(
    socket,
    'GET',
    `/v1/energy?from=${Date.parse(whole.body.started) / 1e3}&to=${whole.body.ended}`,
  )
  assertPromised('/v1/energy', 'get', span)
  near(span.body.energy_j, whole.body.energy_j, whole.body.duration_s)
  const old = await ask(socket, 'GET', '/v1/energy?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z')
  assertPromised('/v1/energy', 'get', old)
  assert.equal(old.body.source, 'ledger')
  assert.deepEqual([old.body.energy_j, old.body.covered_s, old.body.co2e_g.location], [0, 0, null])
  assert.equal((await ask(socket, 'GET', '/v1/openapi.json')).body.openapi, '3.1.0')
  assert.equal(await agent.stop(), 0)
})

test('a request that is not as it should be is refused with a sentence', async () => {
  await using host = hostOfWindows()
  const agent = await host.start()
  const socket = socketOf(host)
  const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`
  for (const [body, error] of [
    ['{', /not JSON/],
    ['[]', /expected a JSON object/],
    [{}, /^name: expected text of 1 to 128/],
    [{ name: 'a\nb' }, /^name: /],
    [{ name: 'a', nmae: 1 }, /unknown key "nmae"/],
    [{ name: 'a', tags: { 'a b': 'c' } }, /^tags: expected names/],
    [{ name: 'a', tags: { a: 1 } }, /^tags\.a: expected text/],
    [{ name: 'a', tags: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`t${at}`, ''])) }, /at most 16/],
    ['{"name":"a","tags":{"__proto__":"b"}}', null],
    [{ name: 'a', repeats: 1.5 }, /^repeats: expected a whole number/],
    [{ name: 'a', limit_s: -1 }, /^limit_s: expected a number/],
    [`{"name":"a","baseline_w":1e999}`, /^baseline_w: /],
    [deep, /expected a JSON object/],
  ] as const) {
    const answer = await ask(socket, 'POST', '/v1/windows', body)
    assert.equal(answer.status, error === null ? 201 : 400, JSON.stringify(body).slice(0, 100))
    assertPromised('/v1/windows', 'post', answer)
    if (error !== null) assert.match(answer.body.error, error)
  }
  for (const [method, path, status] of [
    ['GET', '/', 404],
    ['DELETE', '/v1/windows', 405],
    ['GET', '/v1/windows/00000000-0000-0000-0000-000000000000', 404],
    ['GET', '/v1/windows?limit=0', 400],
    ['GET', '/v1/energy?from=now&to=1', 400],
    ['GET', '/v1/energy?from=2&to=1', 400],
    ['GET', '/v1/energy?from=0&to=99999999999', 400],
    ['GET', `/${'x'.repeat(3_000)}`, 414],
    ['GET', '//', 400],
  ] as const) {
    const answer = await ask(socket, method, path)
    assert.equal(answer.status, status, `${method} ${path.slice(0, 60)}`)
    assert.equal(typeof answer.body.error, 'string')
  }
  assert.equal((await ask(socket, 'POST', '/v1/windows', ' '.repeat(16_385))).status, 413)
  const chunked = await ask(socket, 'POST', '/v1/windows', undefined, { 'transfer-encoding': 'chunked' })
  assert.equal(chunked.status, 411)
  assert.deepEqual(
    agent.log.filter(({ level }) => Number(level) >= 50),
    [],
  )
})

test('kill -9 costs an open window nothing: the next agent goes on, and the energy in between is in it', async () => {
  await using host = hostOfWindows({ ledger: { flush: '1s' } })
  const agent = await host.start()
  await counting(agent)
  const socket = socketOf(host)
  const { body: begun } = await ask(socket, 'POST', '/v1/windows', { name: 'long' })
  await sleep(2_300)
  await agent.kill()
  await sleep(700)
  const next = await host.start()
  await counting(next)
  await ask(socket, 'POST', `/v1/windows/${begun.id}/end`, {})
  const ended = await finalOf(socket, begun.id)
  // Two sockets, whose registers may be late.
  const [from = 0, to = 0] = [ended.body.started, ended.body.ended].map((time: string) => Date.parse(time))
  const truth = 2 * (host.joulesAt(to) - host.joulesAt(from))
  const told = joulesOf(ended, 'processors')
  assert.ok(Math.abs(told - truth) < 0.05 * truth + 2 * 40 * (host.lateMs / 1e3), `${told} J of ${truth} J`)
  assert.ok(ended.body.covered_s > 0.99 * ended.body.duration_s)
  assert.equal(await next.stop(), 0)
})

test("another user sees their own windows and no other's, and root sees all", async (t: TestContext) => {
  if (process.getuid?.() !== 0) return t.skip('only root can be another user')
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-windows-'))
  t.after(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const socket = join(folder, 'api.sock')
  await using host = hostOfWindows({ windows: { socket } })
  await host.start()
  const own = await ask(socket, 'POST', '/v1/windows', { name: "root's" })
  const script = `
import json, sys
from wattledger import call, WattledgerError
made = call("POST", "/v1/windows", {"name": "nobody's"})
refused = ""
try:
    call("POST", "/v1/windows/${own.body.id}/end", {})
except WattledgerError as error:
    refused = str(error)
print(json.dumps([made["id"], refused, [one["name"] for one in call("GET", "/v1/windows")["windows"]]]))`
  writeFileSync(join(folder, 'wattledger.py'), await readText(join(EXAMPLES, 'wattledger.py')))
  const nobody = spawn('python3', ['-B', '-c', script], {
    cwd: folder,
    uid: 65_534,
    gid: 65_534,
    env: { PATH: '/usr/bin:/bin', PYTHONPATH: folder, WATTLEDGER_SOCKET: socket },
  })
  let [told, failed] = ['', '']
  nobody.stdout.on('data', (chunk) => {
    told += chunk
  })
  nobody.stderr.on('data', (chunk) => {
    failed += chunk
  })
  await once(nobody, 'close')
  assert.equal(failed, '')
  const [id, refused, names] = JSON.parse(told) as [string, string, string[]]
  assert.deepEqual(names, ["nobody's"])
  assert.match(refused, /there is no window [0-9a-f-]+ of yours/)
  assert.equal((await ask(socket, 'GET', `/v1/windows/${own.body.id}?wait_s=0`)).body.status, 'open')
  assert.equal((await ask(socket, 'POST', `/v1/windows/${id}/end`, { wait_s: 0 })).status, 200)
  assert.equal((await ask(socket, 'GET', '/v1/windows')).body.windows.length, 2)
})

test('a loopback address is served to who shows the token', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-token-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'token')
  writeFileSync(file, 's3cret-of-this-test\n', { mode: 0o600 })
  const port = await freePort('tcp')
  await using host = hostOfWindows({ windows: { socket: false, listen: `127.0.0.1:${port}`, token_file: file } })
  const agent = await host.start()
  const at = { host: '127.0.0.1', port }
  assert.equal((await ask(at, 'GET', '/v1/windows')).status, 401)
  assert.equal((await ask(at, 'GET', '/v1/windows', undefined, { authorization: 'Bearer wrong' })).status, 401)
  const authorization = 'Bearer s3cret-of-this-test'
  assert.equal((await ask(at, 'POST', '/v1/windows', { name: 'a' }, { authorization })).status, 201)
  assert.doesNotMatch(JSON.stringify(agent.log), /s3cret/)
  // The next one of its port says which key to change.
  const second = hostOfWindows({ windows: { socket: false, listen: `127.0.0.1:${port}`, token_file: file } })
  try {
    const refused = second.launch()
    assert.equal(await refused.ended, 1)
    assert.match(refused.stderr, /cannot serve measured windows on windows\.listen: 127\.0\.0\.1:\d+: another program/)
  } finally {
    await second[Symbol.asyncDispose]()
  }
})

test('a socket that another agent serves is left alone, and energy is counted without one', async () => {
  await using host = hostOfWindows()
  await host.start()
  const socket = socketOf(host)
  await using other = hostOfWindows({ windows: { socket } })
  const refused = other.launch()
  await refused.ended
  assert.match(refused.stderr, /cannot serve measured windows on windows\.socket: .+: another program listens there/)
  assert.equal((await ask(socket, 'GET', '/v1/windows')).status, 200)
  const client = connect(socket)
  await once(client, 'connect')
  client.destroy()
})

async function readText(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8')
}
