import type { IncomingMessage } from 'node:http'
import { jsonReply, type Reply, textReply } from '../io/serve/reply.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { EXPOSITION_TYPES, type ExpositionFormat } from './exposition.ts'
import type { Health } from './health.ts'
import { expositionFormat, prefersJson } from './negotiation.ts'
import { statusPage } from './page/status-page.ts'
import type { Scrape } from './scrape.ts'
import { snapshotJson } from './snapshot-json.ts'

export interface Route {
  readonly reply: (request: IncomingMessage) => Reply | Promise<Reply>
  /** Also under names that this machine is not known by: scrapers and probes come by any, and read no page. */
  readonly anyHost: boolean
}

export interface RouteOptions {
  readonly scrape: Scrape
  /** What is shown now; null before the first reading. */
  readonly snapshot: () => Promise<Snapshot | null>
  readonly health: () => Health
  readonly version: string
}

/** Every path that is served. */
export function routesOf({ scrape, snapshot, health, version }: RouteOptions): ReadonlyMap<string, Route> {
  return new Map<string, Route>([
    ['/', { anyHost: false, reply: async () => statusPage({ snapshot: await snapshot(), health: health(), version }) }],
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
