import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { native } from '../../src/native/addon.ts'

const directory = mkdtempSync(join(tmpdir(), 'wattledger-notify-'))
after(() => rmSync(directory, { recursive: true }))

/** Stands in for systemd: binds the address, says so, then prints each datagram as one JSON line. Ends with its input. */
const MANAGER = `
import json, os, select, socket, sys
address = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind('\\0' + address[1:] if address[0] == '@' else address)
print('bound', flush=True)
while True:
    ready, _, _ = select.select([manager, sys.stdin], [], [])
    if manager in ready:
        print(json.dumps(manager.recv(65536).decode()), flush=True)
    elif not sys.stdin.read(1):
        break
`

async function heardAt(address: string, state: string): Promise<unknown> {
  const manager = spawn('python3', ['-c', MANAGER, address], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(manager.stdout)[Symbol.asyncIterator]()
  try {
    assert.equal((await lines.next()).value, 'bound')
    process.env.NOTIFY_SOCKET = address
    assert.equal(native.sdNotify(state), true)
    return JSON.parse(`${(await lines.next()).value}`)
  } finally {
    delete process.env.NOTIFY_SOCKET
    manager.stdin.end()
    await once(manager, 'exit')
  }
}

test('sdNotify reaches a path and an abstract address, byte for byte', async () => {
  const state = 'READY=1\nSTATUS=412 W, 1.5 kWh, 0.6 kg CO₂e'
  assert.equal(await heardAt(join(directory, 'notify'), state), state)
  assert.equal(await heardAt(`@wattledger-notify-${process.pid}`, state), state)
})

test('sdNotify is false without a manager, and throws when the manager is gone or the state is no text', () => {
  assert.equal(native.sdNotify('READY=1'), false)
  process.env.NOTIFY_SOCKET = ''
  assert.equal(native.sdNotify('READY=1'), false)
  process.env.NOTIFY_SOCKET = join(directory, 'nobody')
  assert.throws(() => native.sdNotify('READY=1'), /^Error: NOTIFY_SOCKET .*nobody: No such file or directory$/)
  delete process.env.NOTIFY_SOCKET
  // @ts-expect-error the addon checks types again
  assert.throws(() => native.sdNotify(1), /^TypeError: expected a string for state$/)
})
