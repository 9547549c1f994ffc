import { jsonReply, type Reply, textReply } from '../io/serve/reply.ts'
import type { Route } from '../io/serve/route.ts'
import type { Health } from '../model/health.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { EXPOSITION_TYPES, type ExpositionFormat } from './exposition.ts'
import { expositionFormat, prefersJson } from './negotiation.ts'
import type { Scrape } from './scrape.ts'
import { snapshotJson } from './snapshot-json.ts'

export interface RouteOptions {
  readonly scrape: Scrape
  /** What is shown now; null before the first reading. */
  readonly snapshot: () => Promise<Snapshot | null>
  readonly health: () => Health
  /** Paths of others, such as the page's. */
  readonly others: ReadonlyMap<string, Route>
}

/** Every path that is served. */
export function routesOf({ scrape, snapshot, health, others }: RouteOptions): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ...others,
    [
      '/metrics',
      {
        anyHost: true,
        reply: async ({ headers }) => metricsReply(scrape, await snapshot(), expositionFormat(headers.accept)),
      },
    ],
    ['/healthz', { anyHost: true, reply: ({ headers }) => healthReply(health(), prefersJson(headers.accept)) }],
    ['/api/v1/snapshot', { anyHost: false, reply: async () => snapshotReply(await snapshot()) }],
  ])
}

async function metricsReply(scrape: Scrape, snapshot: Snapshot | null, format: ExpositionFormat): Promise<Reply> {
  return { status: 200, type: EXPOSITION_TYPES[format], body: await scrape.body(format, snapshot) }
}

function healthReply({ ok, reasons }: Health, json: boolean): Reply {
  const status = ok ? 200 : 503
  if (json) return jsonReply(status, JSON.stringify({ ok, reasons }))
  return textReply(status, ok ? 'ok' : reasons.join('\n'))
}

function snapshotReply(snapshot: Snapshot | null): Reply {
  if (snapshot !== null) return jsonReply(200, snapshotJson(snapshot))
  return jsonReply(503, JSON.stringify({ error: 'the agent has not taken a reading yet' }), { 'Retry-After': '1' })
}
