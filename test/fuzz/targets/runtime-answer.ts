import assert from 'node:assert/strict'
import { isContainerId, type RuntimeAnswer } from '../../../src/attribution/runtimes/answer.ts'
import { criNames } from '../../../src/attribution/runtimes/cri.ts'
import { dockerNames } from '../../../src/attribution/runtimes/docker.ts'
import type { FuzzTarget } from '../target.ts'

const ID = '3f8a'.repeat(16)

/** What container runtimes answer: Docker's JSON, and the messages of CRI. */
export const runtimeAnswer: FuzzTarget = {
  name: 'runtime-answer',
  tokens: [
    `\x0a\x40${ID}`,
    '\x12\x31\x0a\x07train-0\x12\x240a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\x1a\x02ml',
    '\x1a\x08\x0a\x06worker',
    '\x22\x0a\x0a\x08pause:1',
    '\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
    `{"Id":"${ID}","Names":["/web"],"Image":"nginx","Labels":{`,
    '"io.kubernetes.pod.uid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",',
    '"io.kubernetes.pod.namespace":"ml","io.kubernetes.pod.name":"train-0"}}',
    '[',
    ']',
    ',',
  ],
  run(input) {
    const half = Math.floor(input.length / 2)
    const reads: (() => RuntimeAnswer)[] = [
      () => criNames(input, input),
      () => criNames(input.subarray(0, half), input.subarray(half)),
      () => dockerNames(JSON.parse(input.toString('utf8'))),
    ]
    for (const read of reads) {
      const { containers, pods } = answered(read)
      for (const id of containers.keys()) assert.ok(isContainerId(id))
      for (const { name, labels } of [...containers.values(), ...pods.values()]) {
        assert.ok(name !== '' && name.length <= 2 * 255 + 1)
        assert.ok(Object.values(labels).every((label) => label !== '' && label.length <= 255))
      }
    }
  },
}

/** What is no answer may be refused, and in no other way. */
function answered(read: () => RuntimeAnswer): RuntimeAnswer {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError)
    assert.ok(!/undefined|null/.test(error.message), error.message)
    return { containers: new Map(), pods: new Map() }
  }
}
