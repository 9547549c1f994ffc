import assert from 'node:assert/strict'
import { rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { cgroupLayout } from '../../src/attribution/cgroup-layout.ts'
import { type Agent, Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { epyc } from '../fixtures/machines/rapl.ts'
import { BURN, removeGroups, runIn, writableTrees } from './real-groups.ts'

/*
 * The agent, with registers that count in files, and the control groups of this machine: what comes into its ledger.
 */

const ROOTS = { procfs: '/proc', cgroupfs: '/sys/fs/cgroup' }
const trees = writableTrees()
after(() => {
  for (const { root } of trees) removeGroups(root)
})
const followed = cgroupLayout(ROOTS)?.trees.find(({ of }) => of === 'usage')
const own = trees.find(({ root }) => followed !== undefined && join(followed.root, basename(root)) === root)
const skip = own === undefined && 'no group can be made in the tree that is followed'

interface Ledger {
  readonly nodeUj: bigint
  readonly byName: ReadonlyMap<string, bigint>
}

function read(path: string): Ledger {
  const db = new Database(path, { readonly: true })
  try {
    db.defaultSafeIntegers()
    const node = db.prepare('SELECT sum(energy_uj) AS uj FROM node_hour').get() as { uj: bigint }
    const sql =
      'SELECT name, sum(idle_uj + dynamic_uj) AS uj FROM consumer_hour JOIN consumer USING (consumer_id) GROUP BY 1'
    const rows = db.prepare(sql).all() as { name: string; uj: bigint }[]
    return { nodeUj: node.uj, byName: new Map(rows.map(({ name, uj }) => [name, uj])) }
  } finally {
    db.close()
  }
}

/** Waits until the ledger has them: what an agent has not written when it ends is of the next one, which does not know whose it is. */
async function written(path: string, names: readonly string[]): Promise<void> {
  for (;;) {
    const { byName } = read(path)
    if (names.every((name) => (byName.get(name) ?? 0n) > 0n)) return
    await setTimeout(200)
  }
}

const counts = (agent: Agent) =>
  agent.scrapeUntil((samples) => [...samples.keys()].some((name) => name.startsWith('wattledger_consumer_energy')))

test('jobs that are born and die between two passes and two scrapes are in the ledger, which sums to the node, over kills', {
  skip,
}, async () => {
  if (own === undefined) return
  await using host = new Host({ ...bare, ...epyc }, { paths: ROOTS })
  const names: string[] = []
  const work = async (count: number) => {
    for (let job = 0; job < count; job++) {
      const name = `job-${names.length}.scope`
      const group = join(own.root, 'batch.slice', name)
      await runIn(group, `sh -c '${BURN}'`)
      rmdirSync(group)
      names.push(name)
    }
  }
  for (let life = 0; life < 2; life++) {
    const agent = await host.start()
    await counts(agent)
    await work(8)
    await written(host.ledger, names)
    await agent.kill()
  }
  const last = await host.start()
  await counts(last)
  await work(8)
  await written(host.ledger, names)
  assert.equal(await last.stop(), 0, last.stderr)
  const { nodeUj, byName } = read(host.ledger)
  assert.deepEqual(
    names.filter((name) => (byName.get(name) ?? 0n) === 0n),
    [],
  )
  assert.equal(
    [...byName.values()].reduce((sum, uj) => sum + uj, 0n),
    nodeUj,
  )
})

test('what a job uses while the agent is killed and started anew is its own', { skip }, async () => {
  if (own === undefined) return
  await using host = new Host({ ...bare, ...epyc }, { paths: ROOTS })
  const group = join(own.root, 'batch.slice', 'steady.scope')
  const agent = await host.start()
  await counts(agent)
  await runIn(group, `sh -c '${BURN}'`)
  await written(host.ledger, ['steady.scope'])
  await agent.kill()
  const before = read(host.ledger)
  for (let time = 0; time < 20; time++) await runIn(group, `sh -c '${BURN}'`)
  const next = await host.start()
  await counts(next)
  // Up to the last use, and some seconds more in which nothing is unknown.
  await setTimeout(5_000)
  assert.equal(await next.stop(), 0, next.stderr)
  rmdirSync(group)
  const after = read(host.ledger)
  const grown = (name: string) => (after.byName.get(name) ?? 0n) - (before.byName.get(name) ?? 0n)
  assert.ok(grown('steady.scope') > 0n)
  // What a killed agent had not split is nobody's: a second or two.
  assert.ok(4n * grown('unattributed') < after.nodeUj - before.nodeUj, `${grown('unattributed')}`)
  assert.equal(
    [...after.byName.values()].reduce((sum, uj) => sum + uj, 0n),
    after.nodeUj,
  )
})
