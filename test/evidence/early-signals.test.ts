import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type Agent, Host } from './agent.ts'
import { bare } from './bare.ts'

const SIGHUP = 1n

/** Resolves as soon as the process itself takes SIGHUP, which is before it has said a word. */
async function listening({ process: { pid } }: Agent): Promise<void> {
  for (;;) {
    const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if ((BigInt(`0x${caught}`) >> (SIGHUP - 1n)) & 1n) return
    await turn()
  }
}

/** An agent that has not said a word yet. Where the machine of the test is so busy that it has, another one is. */
async function young(host: Host): Promise<Agent> {
  for (;;) {
    const agent = host.launch()
    await listening(agent)
    if (agent.log.length === 0) return agent
    await agent.kill()
  }
}

test('a reload that is asked for in the first moments is done after the start', async () => {
  await using host = new Host(bare)
  const agent = await young(host)
  agent.process.kill('SIGHUP')
  await agent.logged(({ event }) => event === 'reloaded')
  const events = agent.log.map(({ event }) => event)
  assert.ok(events.indexOf('ready') >= 0 && events.indexOf('ready') < events.indexOf('reloaded'), events.join())
  assert.equal(await agent.stop(), 0)
})

test('a stop in the first moments is an orderly one', async () => {
  await using host = new Host(bare)
  const agent = await young(host)
  assert.equal(await agent.stop(), 0, agent.stderr)
  assert.ok(agent.log.some(({ event }) => event === 'stopped'))
})
