import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseConfig } from '../../src/config/loader.ts'
import { GuardedServer } from '../../src/io/serve/guarded-server.ts'
import { SILENT } from '../../src/model/logger.ts'
import { callerOf, maySee, type PeerCredentials, TOKEN_HOLDER } from '../../src/windows/access.ts'
import { checkWindows, socketOf } from '../../src/windows/create-windows.ts'
import { BURST, PER_S, Rates } from '../../src/windows/rates.ts'
import { listenOnSocket } from '../../src/windows/socket-listener.ts'
import { ask } from './agent-host.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-socket-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

async function listen(t: TestContext, path: string): Promise<void> {
  const guarded = new GuardedServer({
    answer: async (_request, response) => void response.end('{}'),
    logger: SILENT,
    allow: 'GET',
  })
  t.after(() => guarded.close(AbortSignal.abort()))
  await listenOnSocket(guarded, () => createServer(guarded.settings()), path)
}

test('every user may open the socket, and what a killed agent left is replaced', async (t) => {
  const path = join(folderOf(t), 's')
  const bind = `import socket,sys; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()`
  assert.equal(spawnSync('python3', ['-c', bind, path]).status, 0)
  assert.ok(existsSync(path))
  await listen(t, path)
  assert.equal((statSync(path).mode & 0o777).toString(8), '666')
  assert.equal((await ask(path, 'GET', '/')).status, 200)
})

test('what is served, is no socket or cannot be made is left alone, and a sentence says so', async (t) => {
  const folder = folderOf(t)
  const served = join(folder, 's')
  await listen(t, served)
  await assert.rejects(listen(t, served), /windows\.socket: .+: another program listens there/)
  assert.equal((await ask(served, 'GET', '/')).status, 200)
  const file = join(folder, 'file')
  writeFileSync(file, 'precious')
  await assert.rejects(listen(t, file), /or it is no socket\. Set another one, or windows\.socket: false/)
  assert.ok(statSync(file).isFile())
  await assert.rejects(listen(t, join(folder, 'none', 's')), /its folder does not exist/)
  await assert.rejects(listen(t, join(folder, 'x'.repeat(108))), /is longer than the 107 bytes/)
})

test('the socket is where the service manager says, or beside the ledger', () => {
  const { windows, paths } = parseConfig('', { STATE_DIRECTORY: '/var/lib/wattledger' }, 'test')
  const at = (env: NodeJS.ProcessEnv) => socketOf(windows.socket, env, paths.state)
  assert.equal(at({ RUNTIME_DIRECTORY: '/run/wattledger:/run/other' }), '/run/wattledger/api.sock')
  assert.equal(at({}), '/var/lib/wattledger/api.sock')
  assert.equal(at({ RUNTIME_DIRECTORY: 'relative' }), '/var/lib/wattledger/api.sock')
  assert.equal(socketOf(false, {}, '/x'), null)
  assert.equal(socketOf('/run/a.sock', { RUNTIME_DIRECTORY: '/run/b' }, '/x'), '/run/a.sock')
})

test('an address without a token is refused, and so is a token that cannot be read', () => {
  const config = { socket: 'auto', listen: '127.0.0.1:10911', token_file: null, limit: 1_000 }
  assert.deepEqual(checkWindows(config, false), [
    {
      key: 'windows.token_file',
      text: 'expected a file with a token, since windows.listen is set, received null',
    },
  ])
  const missing = { ...config, token_file: '/nonexistent/token' }
  assert.deepEqual(checkWindows(missing, false), [])
  assert.match(checkWindows(missing, true)[0]?.text ?? '', /\/nonexistent\/token: the key cannot be read \(ENOENT\)/)
  for (const listen of ['0.0.0.0:10911', 'localhost:1', '127.0.0.1:70000', '10911']) {
    assert.throws(
      () => parseConfig(`windows: { listen: "${listen}" }`, { HOME: '/root' }, 'test'),
      /a loopback address/,
    )
  }
})

test('root, the agent, its group and who has the token see all; anybody else their own', () => {
  const owner = { uid: 997, gid: 996 }
  const peer: PeerCredentials = { pid: 1, uid: 1000, gid: 1000, groups: [] }
  const seesOthers = (over: Partial<PeerCredentials>) => maySee(callerOf({ ...peer, ...over }, owner), 1001)
  assert.equal(seesOthers({}), false)
  assert.equal(seesOthers({ groups: [4, 24] }), false)
  assert.equal(maySee(callerOf(peer, owner), 1000), true)
  assert.equal(maySee(callerOf(peer, owner), null), false)
  for (const over of [{ uid: 0 }, { uid: 997 }, { gid: 996 }, { groups: [4, 996] }])
    assert.equal(seesOthers(over), true)
  assert.equal(maySee(TOKEN_HOLDER, 1000), true)
})

test('a user who asks without pause is told to wait, and no other is', () => {
  let nowMs = 0
  const rates = new Rates(() => nowMs)
  for (let at = 0; at < BURST; at++) assert.ok(rates.isWithin(1000))
  assert.equal(rates.isWithin(1000), false)
  assert.equal(rates.isWithin(1001), true)
  nowMs += 1_000
  for (let at = 0; at < PER_S; at++) assert.ok(rates.isWithin(1000))
  assert.equal(rates.isWithin(1000), false)
})

test("a user whose requests take long has fewer, and a tenth of the agent's time", () => {
  let nowMs = 0
  const rates = new Rates(() => nowMs)
  let tookMs = 0
  const look = () => {
    if (!rates.isWithin(1000)) return
    tookMs += 80
    rates.spend(1000, 80)
  }
  for (; nowMs < 60_000; nowMs += 10) look()
  const burstMs = (BURST / PER_S) * 100
  assert.ok(tookMs < 6_000 + burstMs + 80, `${tookMs}`)
  assert.ok(tookMs > 6_000, `${tookMs}`)
  assert.ok(rates.isWithin(1001))
})
