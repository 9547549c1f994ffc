import type { IncomingMessage } from 'node:http'
import type { Reply } from './reply.ts'

/** What one path answers. */
export interface Route {
  readonly reply: (request: IncomingMessage) => Reply | Promise<Reply>
  /** Also under names that this machine is not known by: scrapers and probes come by any, and read no page. */
  readonly anyHost: boolean
}
