import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { RuntimeNames } from '../../src/attribution/runtime-names.ts'
import { callGrpc } from '../../src/attribution/runtimes/grpc.ts'
import { messageOf, textIn } from '../../src/attribution/runtimes/protobuf.ts'
import { message, podMetadata } from './cri.ts'

/*
 * Names from a real containerd, asked as the kubelet asks it. It needs no more of the kernel than a process: what makes its
 * containers is played.
 */

const CONTAINERD = '/usr/bin/containerd'
const skip =
  (process.geteuid?.() !== 0 && 'containerd needs root') || (!existsSync(CONTAINERD) && 'containerd is not installed')
const IMAGE = 'docker.io/library/wattledger:1'
const POD = { name: 'train-0', uid: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9', namespace: 'ml' }
/** Of the pod: the host's network, processes and IPC, so that nothing has to be set up for it. */
const ON_HOST = message({ 2: message({ 1: message({ 1: 2, 2: 2, 3: 2 }) }) })

/** Plays runc: a container is a process that sleeps. */
const RUNC = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --pid-file) pid=$2; shift ;;
    --root | --log | --log-format | --bundle | --console-socket) shift ;;
    create | start | kill | delete | state) verb=$1 ;;
    -*) ;;
    *) id=\${id:-$1} ;;
  esac
  shift
done
at=$(dirname "$0")/$id.pid
case $verb in
  create) sleep 60 > /dev/null 2>&1 & printf %s $! | tee "$at" > "$pid" ;;
  kill | delete) kill -9 "$(cat "$at")" 2> /dev/null ;;
esac
exit 0
`

/** The socket of a containerd of our own, which has an image of one empty folder. */
async function containerd(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wattledger-containerd-'))
  const socket = join(folder, 'containerd.sock')
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('runc', RUNC)
  chmodSync(join(folder, 'runc'), 0o755)
  write(
    'config.toml',
    `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "${folder}/runc"
`,
  )
  const daemon = spawn(CONTAINERD, ['--config', join(folder, 'config.toml')], { stdio: 'ignore' })
  t.after(async () => {
    if (daemon.exitCode === null) {
      daemon.kill()
      await once(daemon, 'exit')
    }
    rmSync(folder, { recursive: true })
  })
  while (!(await answers(socket))) await setTimeout(20)
  mkdirSync(join(folder, 'rootfs'))
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' })
  run('tar', '-C', 'rootfs', '-cf', 'layer.tar', '.')
  const [digest] = run('sha256sum', 'layer.tar').split(' ')
  const rootfs = { type: 'layers', diff_ids: [`sha256:${digest}`] }
  write('config.json', JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Cmd: ['/nothing'] }, rootfs }))
  write('manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: [IMAGE], Layers: ['layer.tar'] }]))
  run('tar', '-cf', 'image.tar', 'manifest.json', 'config.json', 'layer.tar')
  run('ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', '--all-platforms', 'image.tar')
  return socket
}

async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket)
  try {
    await once(connection, 'connect')
    return true
  } catch {
    return false
  } finally {
    connection.destroy()
  }
}

test('containerd names its pods and containers', { skip, timeout: 300_000 }, async (t) => {
  const socketPath = await containerd(t)
  const call = async (method: string, request: Buffer) => {
    const whole = { socketPath, method: `/runtime.v1.RuntimeService/${method}`, message: request }
    return messageOf(await callGrpc({ ...whole, timeoutMs: 20_000, maxBytes: 1 << 20 }, t.signal))
  }
  const pod = message({ 1: podMetadata(POD), 8: ON_HOST })
  const sandbox = textIn(await call('RunPodSandbox', message({ 1: pod })), 1)
  try {
    const config = message({ 1: message({ 1: 'worker' }), 2: message({ 1: IMAGE }) })
    const id = textIn(await call('CreateContainer', message({ 1: sandbox, 2: config, 3: pod })), 1)
    await call('StartContainer', message({ 1: id }))

    const runtimes = new RuntimeNames({ sockets: [socketPath], nowMs: () => 0 })
    t.after(() => runtimes.stop())
    assert.equal(runtimes.container(id), undefined)
    await runtimes.idle()
    assert.equal(runtimes.container(id)?.name, 'worker')
    const { image, ...labels } = runtimes.container(id)?.labels ?? {}
    assert.deepEqual(labels, { namespace: 'ml', pod: 'train-0' })
    assert.match(image ?? '', /wattledger|^sha256:/)
    assert.deepEqual(runtimes.pod(POD.uid), { name: 'ml/train-0', labels: { namespace: 'ml', pod: 'train-0' } })
    assert.equal(runtimes.container(sandbox)?.name, 'ml/train-0')
  } finally {
    await call('RemovePodSandbox', message({ 1: sandbox }))
  }
})
