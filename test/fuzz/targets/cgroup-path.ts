import assert from 'node:assert/strict'
import { consumerOf } from '../../../src/attribution/consumer-of.ts'
import { consumerKey } from '../../../src/model/consumer.ts'
import type { FuzzTarget } from '../target.ts'

/** Names of control groups, which whoever may start a container or a unit can choose: one consumer, whatever they are. */
export const cgroupPath: FuzzTarget = {
  name: 'cgroup-path',
  tokens: [
    '/',
    '.slice',
    '.service',
    '.scope',
    '\\x2d',
    '\\xff',
    '_',
    'docker',
    'libpod-',
    'conmon-',
    'cri-containerd:',
    'kubepods',
    'pod',
    'besteffort',
    '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
    '3f8a'.repeat(16),
    'uid_',
    'job_',
    'slurmstepd.scope',
    'machine-qemu-1-',
    '.libvirt-qemu',
    'lxc.payload.',
    'user-',
    '\n',
  ],
  run(input) {
    const path = input.toString('utf8')
    const consumer = consumerOf(path)
    const isRoot = /^\/*$/.test(path)
    assert.equal(consumer.kind === 'system', isRoot)
    assert.ok(consumer.name !== '')
    assert.ok(Object.values(consumer.labels).every((value) => typeof value === 'string'))
    // What is inside belongs to the same consumer, except where containers and machines go by bare names.
    const holdsNames = /\\|(?:^|\/)_?(?:lxc|lxc\.payload|lxc\.monitor|libvirt\/+_?qemu)\/*$/.test(path)
    if (!isRoot && !holdsNames) assert.equal(consumerKey(consumerOf(`${path}/inner`)), consumerKey(consumer))
  },
}
