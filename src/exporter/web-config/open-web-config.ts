import type { WebConfig } from './load.ts'

/** Without a file. */
export const OPEN_WEB_CONFIG: WebConfig = { tls: null, users: new Map(), headers: {}, rateLimit: null }
