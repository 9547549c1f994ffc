import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Page } from '../../src/page/page.ts'
import type { PageOptions } from '../../src/page/served.ts'
import { A_SNAPSHOT } from '../exporter/a-snapshot.ts'
import { ask, exporterOptions, LogRecorder, serve } from '../exporter/served.ts'

export interface ServedPage {
  readonly address: string
  /** An answer with its JSON. */
  readonly get: (path: string) => Promise<{ status: number; body: never; headers: Record<string, unknown> }>
  readonly logger: LogRecorder
}

/** The page of a ledger in `folder`, served as the agent does; it stops with its test. */
export async function servePage(t: TestContext, folder: string, over: Partial<PageOptions> = {}): Promise<ServedPage> {
  const logger = new LogRecorder()
  const { health, version } = exporterOptions()
  const page = new Page({
    path: join(folder, 'ledger.db'),
    tariff: { source: 'none' },
    snapshot: () => A_SNAPSHOT,
    freshen: () => {},
    health,
    version,
    unixMs: Date.now,
    logger,
    ...over,
  })
  t.after(() => page.stop())
  await page.start()
  const address = await serve(t, {
    logger,
    snapshot: over.snapshot ?? (() => A_SNAPSHOT),
    routes: (shown) => page.routes(shown),
  })
  const get = async (path: string) => {
    const { status, headers, body } = await ask(`${address}${path}`)
    return { status, headers: headers as Record<string, unknown>, body: JSON.parse(body.toString()) as never }
  }
  return { address, get, logger }
}
