import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { consumerOf } from '../../src/attribution/consumer-of.ts'
import { Names } from '../../src/attribution/names.ts'

const ID = '3f8a'.repeat(16)
const OTHER = 'b07c'.repeat(16)
const UID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'
const UNDER = UID.replaceAll('-', '_')
const STATIC = '9f86d081884c7d659a2feaa0c55ad015'
const STATIC_UID = STATIC
const SHORT = ID.slice(0, 12)

/** Path, then kind, name and labels. */
const PATHS: readonly [string, string, string, Record<string, string>?][] = [
  ['/', 'system', 'system'],
  // systemd
  ['/init.scope', 'scope', 'init.scope'],
  ['/system.slice', 'slice', 'system.slice'],
  ['/system.slice/nginx.service', 'service', 'nginx.service'],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'service', 'getty@tty1.service'],
  ['/system.slice/systemd-cryptsetup@luks\\x2ddata.service', 'service', 'systemd-cryptsetup@luks-data.service'],
  ['/system.slice/caf\\xc3\\xa9.service', 'service', 'café.service'],
  ['/system.slice/_cpu.service', 'service', 'cpu.service'],
  ['/system.slice/dev-hugepages.mount', 'service', 'dev-hugepages.mount'],
  ['/system.slice/run-r8f7.scope', 'scope', 'run-r8f7.scope'],
  ['/system.slice/delegating.service/inner/worker.service', 'service', 'delegating.service'],
  ['/system.slice/line\nbreak"quote\'.service', 'service', 'line\nbreak"quote\'.service'],
  // users
  ['/user.slice', 'slice', 'user.slice'],
  ['/user.slice/user-1000.slice/session-3.scope', 'user', '1000', { uid: '1000' }],
  ['/user.slice/user-0.slice/user@0.service/init.scope', 'user', '0', { uid: '0' }],
  ['/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.scope', 'user', '1000', { uid: '1000' }],
  // Docker
  [`/system.slice/docker-${ID}.scope`, 'container', SHORT, { runtime: 'docker', id: ID }],
  [`/docker/${ID}`, 'container', SHORT, { runtime: 'docker', id: ID }],
  [`/docker/${ID}/system.slice/cron.service`, 'container', SHORT, { runtime: 'docker', id: ID }],
  [`/docker/${ID}/docker/${OTHER}`, 'container', OTHER.slice(0, 12), { runtime: 'docker', id: OTHER }],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`,
    'container',
    SHORT,
    { runtime: 'docker', id: ID, user: '1000' },
  ],
  [
    '/docker/buildkit/k2m1c9q4x7v0b3n8z5l6j2h1g',
    'container',
    'k2m1c9q4x7v0',
    { runtime: 'buildkit', id: 'k2m1c9q4x7v0b3n8z5l6j2h1g' },
  ],
  [`/ecs/0123456789abcdef0123456789abcdef/${ID}`, 'container', SHORT, { runtime: 'unknown', id: ID }],
  // Podman
  [`/machine.slice/libpod-${ID}.scope/container`, 'container', SHORT, { runtime: 'podman', id: ID }],
  [`/machine.slice/libpod-conmon-${ID}.scope`, 'container', SHORT, { runtime: 'podman', id: ID }],
  [
    `/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`,
    'container',
    SHORT,
    { runtime: 'podman', id: ID },
  ],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    'container',
    SHORT,
    { runtime: 'podman', id: ID, user: '1000' },
  ],
  [`/libpod_parent/libpod-${ID}`, 'container', SHORT, { runtime: 'podman', id: ID }],
  // containerd and CRI-O outside pods
  [`/system.slice/nerdctl-${ID}.scope`, 'container', SHORT, { runtime: 'containerd', id: ID }],
  [`/system.slice/crio-${ID}.scope`, 'container', SHORT, { runtime: 'crio', id: ID }],
  [`/system.slice/cri-containerd-${ID}.scope`, 'container', SHORT, { runtime: 'containerd', id: ID }],
  // Kubernetes
  ['/kubepods.slice/kubepods-burstable.slice', 'slice', 'kubepods-burstable.slice'],
  [`/kubepods.slice/kubepods-pod${UNDER}.slice/crio-${ID}.scope`, 'pod', UID, { uid: UID, qos: 'guaranteed' }],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    'pod',
    UID,
    { uid: UID, qos: 'burstable' },
  ],
  [
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UNDER.toUpperCase()}.slice/docker-${ID}.scope`,
    'pod',
    UID,
    { uid: UID, qos: 'besteffort' },
  ],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${STATIC}.slice`,
    'pod',
    STATIC_UID,
    { uid: STATIC, qos: 'burstable' },
  ],
  ['/kubepods/besteffort', 'slice', 'kubepods'],
  ['/docker', 'slice', 'docker'],
  ['/docker-of-mine', 'group', 'docker-of-mine'],
  [`/kubepods/burstable/pod${UID}/${ID}`, 'pod', UID, { uid: UID, qos: 'burstable' }],
  [`/kubepods/pod${UID}/${ID}/docker/${OTHER}`, 'pod', UID, { uid: UID, qos: 'guaranteed' }],
  [
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    'pod',
    UID,
    { uid: UID, qos: 'besteffort' },
  ],
  [
    `/system.slice/docker-${OTHER}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UNDER}.slice/cri-containerd-${ID}.scope`,
    'pod',
    UID,
    { uid: UID, qos: 'guaranteed' },
  ],
  [`/docker/${OTHER}/kubelet/kubepods/burstable/pod${UID}/${ID}`, 'pod', UID, { uid: UID, qos: 'burstable' }],
  [
    `/system.slice/containerd.service/kubepods-burstable-pod${UNDER}.slice:cri-containerd:${ID}`,
    'pod',
    UID,
    { uid: UID, qos: 'burstable' },
  ],
  [`/system.slice/k3s.service/kubepods/pod${UID}`, 'pod', UID, { uid: UID, qos: 'guaranteed' }],
  // SLURM
  ['/slurm/uid_1001/job_42/step_0/task_1', 'job', '42', { manager: 'slurm', uid: '1001' }],
  ['/slurm_node07/uid_1001/job_42/step_batch', 'job', '42', { manager: 'slurm', uid: '1001' }],
  ['/system.slice/slurmstepd.scope/job_42/step_extern/user/task_0', 'job', '42', { manager: 'slurm' }],
  ['/system.slice/node07_slurmstepd.scope/job_42/step_interactive/slurm', 'job', '42', { manager: 'slurm' }],
  ['/system.slice/slurmstepd.scope/system', 'scope', 'slurmstepd.scope'],
  [`/system.slice/slurmstepd.scope/job_42/step_0/user/libpod-${ID}.scope`, 'job', '42', { manager: 'slurm' }],
  ['/system.slice/mine.service/job_42', 'service', 'mine.service'],
  // Virtual machines
  ['/machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d01.scope/libvirt/emulator', 'vm', 'web-01', { manager: 'libvirt' }],
  [
    '/machine.slice/machine-qemu\\x2d12\\x2dinstance\\x2d0000001a.scope',
    'vm',
    'instance-0000001a',
    { manager: 'libvirt' },
  ],
  ['/machine/qemu-3-db.libvirt-qemu/vcpu0', 'vm', 'db', { manager: 'libvirt' }],
  ['/machine/db.libvirt-qemu', 'vm', 'db', { manager: 'libvirt' }],
  ['/libvirt/qemu/db', 'vm', 'db', { manager: 'libvirt' }],
  ['/qemu.slice/104.scope', 'vm', '104', { manager: 'proxmox' }],
  // LXC and others
  ['/lxc/101/ns/system.slice/cron.service', 'container', '101', { runtime: 'lxc' }],
  ['/lxc.payload.web/init.scope', 'container', 'web', { runtime: 'lxc' }],
  ['/lxc.monitor.web', 'container', 'web', { runtime: 'lxc' }],
  [`/lxc.payload.ci/system.slice/docker-${ID}.scope`, 'container', SHORT, { runtime: 'docker', id: ID }],
  ['/machine.slice/machine-lxc\\x2d7\\x2dold.scope', 'container', 'old', { runtime: 'libvirt-lxc' }],
  ['/machine.slice/systemd-nspawn@deb\\x2d12.service/payload', 'container', 'deb-12', { runtime: 'nspawn' }],
  ['/lxc/_', 'container', '_', { runtime: 'lxc' }],
  // Of no scheme
  ['/mine', 'group', 'mine'],
  ['/mine/inner/deeper', 'group', 'mine'],
  [`/mine/not-${ID}0`, 'group', 'mine'],
]

for (const [path, kind, name, labels = {}] of PATHS) {
  test(`${JSON.stringify(path)} is of ${kind} ${name.replace('\n', ' ')}`, () => {
    const { id: _, ...found } = consumerOf(path)
    assert.deepEqual(found, { kind, name, labels })
  })
}

test('what has the same name and is not the same has another id', () => {
  const ids = ['/lxc/101', '/qemu.slice/101.scope', '/machine/101.libvirt-qemu', '/slurm/uid_0/job_101', '/101']
    .map(consumerOf)
    .map(({ kind, id }) => `${kind}:${id}`)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(consumerOf('/lxc.payload.a').id, consumerOf('/lxc.monitor.a').id)
})

test('nobody can call a group of their own so that it counts as somebody else’s', () => {
  const own = `/user.slice/user-1000.slice/user@1000.service`
  const victims = [`/kubepods/pod${UID}`, `/docker-${ID}.scope`, '/slurmstepd.scope/job_7', '/qemu.slice/101.scope']
  const forged = victims.flatMap((path) => [`${own}${path}`, `/lxc/mine${path}`, `${own}/libpod-${OTHER}.scope${path}`])
  const ids = [...victims, ...forged].map(consumerOf).map(({ kind, id }) => `${kind}:${id}`)
  assert.equal(new Set(ids).size, ids.length)
  const inner = consumerOf(`${own}/libpod-${OTHER}.scope/docker/${ID}`)
  assert.deepEqual([inner.kind, inner.id, inner.labels.user], ['container', `${ID}@${OTHER}@1000`, '1000'])
})

test('users and pods have the names of this machine, also those that get one later', () => {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-names-'))
  try {
    const files = { passwd: join(root, 'passwd'), podLogs: join(root, 'pods') }
    let nowMs = 0
    const names = new Names(files, () => nowMs)
    const user = consumerOf('/user.slice/user-1000.slice')
    const pod = consumerOf(`/kubepods/burstable/pod${UID}`)
    const service = consumerOf('/system.slice/a.service')
    assert.deepEqual(
      [user, pod, service].map((consumer) => names.of(consumer)),
      [user, pod, service],
    )

    writeFileSync(
      files.passwd,
      'root:x:0:0::/root:/bin/sh\nbroken\nada:x:1000:1000::/:/bin/sh\ntwin:x:1000:1000::/:/bin/sh\n',
    )
    mkdirSync(join(files.podLogs, `shop_cart-7d9_${UID}`), { recursive: true })
    mkdirSync(join(files.podLogs, 'odd'))
    assert.equal(names.of(user), user)
    nowMs = 10_000
    assert.deepEqual(names.of(user), { ...user, name: 'ada' })
    assert.deepEqual(names.of(pod), {
      ...pod,
      name: 'shop/cart-7d9',
      labels: { uid: UID, qos: 'burstable', namespace: 'shop', pod: 'cart-7d9' },
    })
  } finally {
    rmSync(root, { recursive: true })
  }
})
