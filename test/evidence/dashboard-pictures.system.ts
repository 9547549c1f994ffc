/** Debian: prometheus */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { DASHBOARDS } from '../../scripts/dashboards.ts'
import { freePort } from '../lab/free-port.ts'
import { aDay, BEGAN_S, DAY_S } from './picture/a-day.ts'
import { drawn } from './picture/draw.ts'
import { missing, Prometheus } from './prometheus.ts'

const IMAGES = resolve(import.meta.dirname, '../../docs/images')
const INSTANCE = 'db-17:10910'

/** UPDATE_GOLDEN=1 draws docs/images anew. */
test('the pictures of the dashboards show their panels, drawn from their queries over a day with gaps', {
  skip: missing('prometheus'),
  timeout: 600_000,
}, async () => {
  await using prometheus = new Prometheus(await freePort('tcp'), [], await aDay(INSTANCE))
  await prometheus.ready()
  const span = { startS: BEGAN_S, endS: BEGAN_S + DAY_S, stepS: 300 }
  const ready = (expr: string): string =>
    expr
      .replaceAll('$__rate_interval', '10m')
      .replaceAll('$__range', '1d')
      .replaceAll('$instance', INSTANCE)
      .replaceAll('$tenant', '.+')
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
    const picture = await drawn(dashboard, prometheus, span, ready)
    const file = join(IMAGES, `dashboard-${name.replace('.json', '.svg')}`)
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, picture)
    assert.equal(picture, readFileSync(file, 'utf8'), `${file}: UPDATE_GOLDEN=1 draws it anew`)
  }
})
