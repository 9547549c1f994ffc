import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { native } from '../../src/native/addon.ts'

const descriptorOf = (socket: Socket) => (socket as unknown as { _handle: { fd: number } })._handle.fd

function listening(t: TestContext): { readonly server: Server; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-peer-'))
  chmodSync(folder, 0o755)
  const path = join(folder, 's')
  const server = createServer().listen({ path, readableAll: true, writableAll: true })
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { server, path }
}

test('the other end of a unix socket is this very process', async (t) => {
  const { server, path } = listening(t)
  await once(server, 'listening')
  const client = connect(path)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const { groups, ...peer } = native.peerCredentials(descriptorOf(socket))
  assert.deepEqual(peer, { pid: process.pid, uid: process.geteuid?.(), gid: process.getegid?.() })
  // Node adds the group that it runs as.
  assert.deepEqual(new Set([...groups, peer.gid]), new Set(process.getgroups?.()))
  client.destroy()
  socket.destroy()
})

test('another user is told as such, with their groups', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can be another user')
  const { server, path } = listening(t)
  await once(server, 'listening')
  const connecting = 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sys.stdin.read()'
  const identity = ['--reuid=65534', '--regid=65533', '--groups=7,70000']
  const child = spawn('setpriv', [...identity, '/usr/bin/python3', '-c', connecting, path], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  t.after(() => child.kill())
  const gone = once(child, 'exit')
  const [socket] = (await Promise.race([
    once(server, 'connection'),
    gone.then(() => Promise.reject(new Error('it did not connect'))),
  ])) as [Socket]
  const { uid, gid, groups, pid } = native.peerCredentials(descriptorOf(socket))
  assert.deepEqual([uid, gid, groups.toSorted((a, b) => a - b)], [65_534, 65_533, [7, 70_000]])
  assert.ok(pid > 0)
  child.stdin.end()
  await gone
  socket.destroy()
})

test('what is no unix socket has no other end', async () => {
  assert.throws(
    () => native.peerCredentials(openSync('/dev/null', 'r')),
    /peer of a socket: Socket operation on non-socket/,
  )
  assert.throws(() => native.peerCredentials(-1), /Bad file descriptor/)
  assert.throws(() => native.peerCredentials('1' as unknown as number), TypeError)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  assert.throws(() => native.peerCredentials(descriptorOf(socket)), /not connected/)
  client.destroy()
  socket.destroy()
  server.close()
})
