import type { TestContext } from 'node:test'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { ledgerOf, NOW, type Scene, snapshotAt } from './scenes.ts'
import { type ServedPage, servePage } from './served-page.ts'

export const WIDE = { width: 1440, height: 1000 }
export const NARROW = { width: 390, height: 844 }

/** Debian's, which is a package of its own. */
export const EXECUTABLE = '/usr/bin/chromium'

export async function launch(t: TestContext): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args })
  t.after(() => browser.close())
  return browser
}

/** The page of a scene's machine, with a minute behind it. */
export async function serveScene(t: TestContext, scene: Scene): Promise<ServedPage> {
  const folder = await ledgerOf(t, scene)
  let isFirst = true
  const snapshot = () => {
    const atUnixMs = isFirst ? NOW - 40_000 : NOW
    isFirst = false
    return snapshotAt(scene, atUnixMs)
  }
  return servePage(t, folder, {
    tariff: { source: 'flat', currency: 'EUR', per_kwh: 0.27 },
    unixMs: () => NOW,
    snapshot,
    health:
      scene.meter === null
        ? () => ({ ok: false, reasons: ['no energy has been counted in the last minute'] })
        : () => ({ ok: true, reasons: [] }),
  })
}

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page's policy has refused, what failed to load, and what was thrown. */
  readonly complaints: string[]
}

/** Opens an address and waits for the chart. */
export async function open(
  browser: Browser,
  address: string,
  over: BrowserContextOptions & { prepare?: (context: BrowserContext) => Promise<unknown> } = {},
): Promise<Opened> {
  const { prepare, ...options } = over
  const context = await browser.newContext({ viewport: WIDE, timezoneId: 'UTC', locale: 'en-US', ...options })
  await prepare?.(context)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // What was under way as the page was left is no failure.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()} ${reason}`)
  })
  await page.goto(address)
  await page.locator('#chart canvas').first().waitFor()
  return { page, context, complaints }
}
