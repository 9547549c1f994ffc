import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { rigOf, sharesOf } from './accelerators.ts'
import { removeGroups, writableTrees } from './real-groups.ts'

const CONTAINER = '3f8a'.repeat(16)
const trees = writableTrees()
after(() => {
  for (const { root } of trees) removeGroups(root)
})

if (trees.length === 0)
  test('real groups', { skip: 'no tree of control groups in which this user may make one' }, () => {})

/** A process that waits in a group until it is ended. */
function sleeperIn(group: string): ChildProcess {
  mkdirSync(group, { recursive: true })
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  writeFileSync(join(group, 'cgroup.procs'), `${child.pid}`)
  return child
}

for (const { root, version } of trees) {
  test(`v${version}: real processes in real groups share a card, also when one has ended`, async (t) => {
    const service = sleeperIn(join(root, 'trainer.service'))
    const container = sleeperIn(join(root, `docker-${CONTAINER}.scope`))
    t.after(() => [service, container].map((child) => child.kill()))
    const listed = [`gpu 0 process ${service.pid} compute 3000`, `gpu 0 process ${container.pid} compute 1000`]
    const used = [`gpu 0 sample ${service.pid} 1000000000 25`, `gpu 0 sample ${container.pid} 1000000000 50`]
    const { machine, sweep } = await rigOf(t, { control: ['gpus 1', ...listed] }, { procfs: '/proc', version })
    await sweep()
    container.kill()
    await once(container, 'exit')
    machine.control('gpus 1', ...listed.slice(0, 1), ...used)
    const [use] = (await sweep()).uses
    assert.ok(use)
    assert.deepEqual(sharesOf(use), {
      'service:trainer.service': [250, 1000],
      [`container:${CONTAINER}`]: [500, 0],
    })
    service.kill()
    await once(service, 'exit')
  })
}
