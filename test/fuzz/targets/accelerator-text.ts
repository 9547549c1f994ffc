import assert from 'node:assert/strict'
import { minorsInList, minorsInUnit } from '../../../src/attribution/accelerator-devices.ts'
import { givenDevices } from '../../../src/attribution/accelerator-kubelet.ts'
import { groupOf } from '../../../src/attribution/accelerator-processes.ts'
import type { FuzzTarget } from '../target.ts'

/** What tells whose an accelerator is: the kubelet's checkpoint, rules of a device controller, groups of a process. */
export const acceleratorText: FuzzTarget = {
  name: 'accelerator-text',
  tokens: [
    '{"Data":{"PodDeviceEntries":[',
    '{"PodUID":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","DeviceIDs":',
    '{"0":["GPU-1"]}',
    '["MIG-1","GPU-2::0"]',
    '},',
    '],"RegisteredDevices":{"nvidia.com/gpu":["GPU-1"]}}}',
    'c 195:0 rw',
    'a *:* rwm',
    'DeviceAllow=',
    '/dev/char/195:',
    '/dev/nvidia0',
    'char-',
    ' rwm',
    '*',
    '\n',
    '0::/',
    'cpu,cpuacct:',
    '\\012',
    ' (deleted)',
    '/../',
  ],
  run(input) {
    const text = input.toString('utf8')
    for (const { uuid, replicas, pods } of givenDevices(text, (uid) => `/${uid}`)) {
      assert.match(uuid, /^(?:GPU|MIG)-/)
      assert.ok(replicas > 0n && pods.size > 0 && [...pods.values()].every((count) => count > 0n))
    }
    for (const minor of [...minorsInList(text), ...minorsInUnit(text)]) assert.ok(minor >= 0n && minor < 254n)
    for (const version of [1, 2] as const) {
      const group = groupOf(text, version)
      assert.ok(group === null || !group.split('/').includes('..'))
    }
  },
}
