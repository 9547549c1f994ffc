/** Debian: prometheus. Its own TLS and HTTP client against ours, as `web.config_file` and `scrape_configs` are used. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { missing, Prometheus, type Target } from '../evidence/prometheus.ts'
import { freePort } from '../lab/free-port.ts'
import { fixture, PASSWORD, serveSecured, USER } from './secured.ts'

const OUR_CA = { ca_file: fixture('ca.crt') }
const OUR_USER = { username: USER, password: PASSWORD }

/** What a target is scraped with, and the error that Prometheus shows for it. */
const CASES: Readonly<Record<string, readonly [tls: object, login: object | undefined, error: RegExp]>> = {
  right: [OUR_CA, OUR_USER, /^$/],
  'unknown-ca': [{}, OUR_USER, /certificate signed by unknown authority/],
  'another-ca': [{ ca_file: fixture('stranger.crt') }, OUR_USER, /certificate signed by unknown authority/],
  'another-name': [{ ...OUR_CA, server_name: 'elsewhere.example' }, OUR_USER, /valid for localhost, not elsewhere/],
  'wrong-password': [OUR_CA, { ...OUR_USER, password: 'wrong' }, /401 Unauthorized/],
  'unknown-user': [OUR_CA, { ...OUR_USER, username: 'nobody' }, /401 Unauthorized/],
  'no-login': [OUR_CA, undefined, /401 Unauthorized/],
}

test('Prometheus scrapes over TLS with a login, and says why where it cannot', {
  skip: missing('prometheus'),
  timeout: 400_000,
}, async (t) => {
  const { host } = new URL(await serveSecured(t))
  const jobs = Object.entries(CASES).map(([job_name, [tls_config, basic_auth]]) => ({
    job_name,
    scrape_interval: '2s',
    scrape_timeout: '2s',
    scheme: 'https',
    tls_config,
    ...(basic_auth === undefined ? {} : { basic_auth }),
    static_configs: [{ targets: [host] }],
  }))
  await using prometheus = new Prometheus(await freePort('tcp'), jobs)
  for (const { labels, health, lastError } of await scraped(prometheus, jobs.length)) {
    const [, , error = assert.fail(labels.job)] = CASES[labels.job] ?? []
    assert.match(lastError, error, labels.job)
    assert.equal(health, labels.job === 'right' ? 'up' : 'down', labels.job)
  }
  // The others go on guessing; whoever has logged in is not held up by them.
  for (const times of [2, 4]) {
    while (!((await ask(prometheus, 'count_over_time(up{job="right"}[1m])')) >= times)) await setTimeout(100)
    assert.equal(await ask(prometheus, 'min_over_time(up{job="right"}[1m])'), 1)
  }
  const series = await prometheus.query('count by (job) ({__name__=~"wattledger_.+"})')
  assert.deepEqual(series.length, 1, 'nothing is learnt without a login')
})

const ask = async (prometheus: Prometheus, promql: string): Promise<number> =>
  Number((await prometheus.query(promql))[0]?.value[1])

/** Once each target has been scraped. */
async function scraped(prometheus: Prometheus, count: number): Promise<readonly Target[]> {
  for (;;) {
    const targets = await prometheus.targets()
    if (targets.length === count && targets.every(({ health }) => health !== 'unknown')) return targets
    await setTimeout(100)
  }
}
