import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { MINUTE_MS } from '../../src/model/time.ts'
import { launch, NARROW, open, serveScene, WIDE } from './browser.ts'
import { SCENES, SERVER } from './scenes.ts'

/*
 * The page in Debian's chromium. UPDATE_GOLDEN=1 writes the pictures of docs/images.
 */

const IMAGES = resolve(import.meta.dirname, '../../docs/images')

/** What axe calls serious or worse, each with the place where it is. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as never as { axe: typeof axe }).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`))
}

const textOf = async (page: Page, place: string) =>
  ((await page.locator(place).textContent()) ?? '').replaceAll(/[\u00a0\u202f]/g, ' ')
const sums = (page: Page) => textOf(page, '#sums')
const moment = (page: Page) => textOf(page, '#moment')

/** Waits until the chart's sums are, or are no longer, these. */
const said = (page: Page, text: string, isSaid = true) =>
  page.waitForFunction(
    ([words, wanted]) => {
      const shown = document.getElementById('sums')?.textContent?.replaceAll(/[\u00a0\u202f]/g, ' ')
      return (shown === words) === wanted
    },
    [text, isSaid] as const,
  )
const changed = (page: Page, text: string) => said(page, text, false)

/** Wider than the window: what a person would have to scroll sideways for. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Share of the upper plot's pixels that are drawn on. */
const painted = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector('#chart canvas') as HTMLCanvasElement
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    let drawn = 0
    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) drawn += 1
    return (drawn * 4) / pixels.length
  })

test('the page is accessible and obeys its policy at both widths and in both schemes', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const browser = await launch(t)
  if (process.env.UPDATE_GOLDEN) mkdirSync(IMAGES, { recursive: true })
  for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, context, complaints } = await open(browser, address, { viewport, colorScheme })
      await page.locator('#now').getByText('covered since').waitFor()
      await page.locator('#rows summary').click()
      await page.locator('#channels summary').click()
      assert.deepEqual(await faultsOf(page), [], `${size} ${colorScheme}`)
      await page.locator('#channels summary').click()
      await page.locator('#rows summary').click()
      assert.equal(await overflow(page), 0, `${size} ${colorScheme}`)
      assert.ok((await painted(page)) > 0.3)
      assert.deepEqual(complaints, [])
      if (process.env.UPDATE_GOLDEN) {
        const clip = { x: 0, y: 0, width: viewport.width, height: size === 'wide' ? 1240 : 1560 }
        await page.screenshot({ path: `${IMAGES}/page-${size}-${colorScheme}.png`, fullPage: true, clip })
      }
      await context.close()
    }
  }
})

test('a ledger that is some minutes old fills its chart', async (t) => {
  const { address } = await serveScene(t, { ...SERVER, lengthMs: 5 * MINUTE_MS, gaps: [] })
  const browser = await launch(t)
  for (const viewport of [WIDE, NARROW]) {
    const { page, context, complaints } = await open(browser, address, { viewport })
    await page.getByRole('radio', { name: 'Ten minutes', checked: true }).waitFor()
    assert.ok((await painted(page)) > 0.15)
    assert.equal(await overflow(page), 0)
    assert.deepEqual(complaints, [])
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/young-${viewport.width}.png` })
    await context.close()
  }
})

test('times are chosen and gone through with the keyboard alone', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const { page, complaints } = await open(await launch(t), address)
  const day = await sums(page)
  assert.match(day, /kWh ± .* CO₂e by location · .* EUR · 96\.6 % covered · 2 gaps, the longest of 50 min \(reboot\)/)
  await page.getByRole('radio', { name: 'A day' }).focus()
  await page.keyboard.press('ArrowRight')
  await changed(page, day)
  assert.equal(new URL(page.url()).hash, '#7d')
  assert.match(await textOf(page, '#said'), /covered/)
  const slider = page.getByRole('slider')
  await slider.focus()
  await page.keyboard.press('Home')
  const first = await slider.getAttribute('aria-valuetext')
  assert.match(
    (first ?? '').replaceAll(/[\u00a0\u202f]/g, ' '),
    /^2026-11-21 12:30–13:00: Machine .* W, .*Processors .* W/,
  )
  await page.keyboard.press('PageDown')
  assert.equal(await slider.getAttribute('aria-valuenow'), '0')
  await page.keyboard.press('ArrowRight')
  assert.equal(await moment(page), '2026-11-21 13:00–13:30')
  await page.keyboard.press('End')
  assert.match(await moment(page), /^2026-11-28 12:30/)
  await page.keyboard.press('Escape')
  assert.equal(await moment(page), 'Mean of the time shown')
  const week = await sums(page)
  await page.getByRole('button', { name: 'Earlier' }).press('Enter')
  await changed(page, week)
  await page.getByRole('button', { name: 'Later' }).press('Enter')
  await said(page, week)
  await page.reload()
  await page.locator('#chart canvas').first().waitFor()
  assert.ok(await page.getByRole('radio', { name: 'A week' }).isChecked())
  assert.deepEqual(complaints, [])
})

test('a young ledger is shown by what it has, until somebody wants another time', async (t) => {
  const browser = await launch(t)
  for (const [lengthMs, span] of [
    [0, 'Ten minutes'],
    [19 * MINUTE_MS, 'Ten minutes'],
    [21 * MINUTE_MS, 'An hour'],
    [119 * MINUTE_MS, 'An hour'],
    [121 * MINUTE_MS, '6 hours'],
    [481 * MINUTE_MS, 'A day'],
  ] as const) {
    const { address } = await serveScene(t, { ...SERVER, lengthMs, gaps: [] })
    const { page, context, complaints } = await open(browser, address)
    const isShown = (name: string) => page.getByRole('radio', { name }).isChecked()
    assert.ok(await isShown(span), `${span} of ${lengthMs / MINUTE_MS} min`)
    assert.equal(new URL(page.url()).hash, '')
    await Promise.all([
      page.waitForResponse(/history/),
      page.getByRole('radio', { name: 'A week' }).check({ force: true }),
    ])
    assert.ok(await isShown('A week'))
    await page.reload()
    await page.locator('#chart canvas').first().waitFor()
    assert.ok(await isShown('A week'))
    assert.deepEqual(complaints, [])
    await context.close()
  }
})

test('the mouse tells of a moment, and draws a shorter time out', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const { page } = await open(await launch(t), address)
  const plot = await page.locator('#chart .u-over').first().boundingBox()
  assert.ok(plot)
  const at = (share: number) => [plot.x + plot.width * share, plot.y + 60] as const
  await page.mouse.move(...at(0.5))
  await page.waitForFunction(() => /^2026-11-28 00:3/.test(document.getElementById('moment')?.textContent ?? ''))
  const before = await sums(page)
  await page.mouse.down()
  await page.mouse.move(...at(0.75), { steps: 4 })
  await page.mouse.up()
  await changed(page, before)
  const steps = Number(await page.getByRole('slider').getAttribute('aria-valuemax'))
  assert.ok(steps > 350 && steps < 370, `${steps}`)
  await page.locator('#chart').dblclick({ position: { x: 300, y: 60 } })
  await said(page, before)
})

test('every state of a machine is told rightly, at both widths', async (t) => {
  const browser = await launch(t)
  const told: Record<string, readonly [words: RegExp, hash?: string]> = {
    empty: [/The ledger has no energy yet/],
    minute: [/^7\.60 Wh ± .* · 100 % covered$/],
    'gap-of-a-week': [/76\.7 % covered · 1 gap of 7 d \(restart\)$/, '#30d'],
    '64-gpus': [/^113 kWh/],
    '200-consumers': [/100 % covered$/],
    'no-meter': [/± 24\.0 %/],
    'no-sensors': [/The ledger has no energy yet/],
    'clock-ahead': [/the ledger is 5 h 58 min ahead of the clock, which was set back$/],
    year: [/^4\.47 MWh ± .* · 98\.3 % covered · 4 gaps, the longest of 6 d/, '#365d'],
  }
  assert.deepEqual(Object.keys(told).sort(), Object.keys(SCENES).sort())
  for (const [name, [words, hash = '']] of Object.entries(told)) {
    const { address } = await serveScene(t, SCENES[name] ?? SERVER)
    for (const viewport of [WIDE, NARROW]) {
      const { page, context, complaints } = await open(browser, `${address}/${hash}`, { viewport })
      assert.match(await sums(page), words, name)
      assert.equal(await overflow(page), 0, `${name} at ${viewport.width}`)
      assert.deepEqual(await faultsOf(page), [], `${name} at ${viewport.width}`)
      assert.deepEqual(complaints, [], name)
      await context.close()
    }
  }
})

/** Texts of the charts that a canvas has cut at its left or right edge. */
const cutTexts = (page: Page) => page.evaluate(() => (globalThis as { cutTexts?: string[] }).cutTexts ?? [])

/** Before a page is loaded: has its canvases tell which of their texts do not fit. */
function watchTexts(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    const cut: string[] = []
    Object.assign(globalThis, { cutTexts: cut })
    const drawn = CanvasRenderingContext2D.prototype.fillText
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
      const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = this.measureText(text)
      if (x - left < 0 || x + right > this.canvas.width) cut.push(text)
      drawn.call(this, text, x, y, ...rest)
    }
  })
}

test('the axes of the chart are written out at every width, whenever the time shown ends', async (t) => {
  const browser = await launch(t)
  for (const [name, hash] of [
    ['minute', ''],
    ['year', '#24h'],
    ['year', '#30d'],
    ['year', '#365d'],
  ] as const) {
    const { address } = await serveScene(t, SCENES[name] ?? SERVER)
    for (const width of [1440, 768, 390]) {
      const { page, context } = await open(browser, `${address}/${hash}`, {
        viewport: { width, height: 900 },
        prepare: watchTexts,
      })
      assert.deepEqual(await cutTexts(page), [], `${name} ${hash} at ${width}`)
      await context.close()
    }
  }
})

test('on paper the page is light, says the colours of its parts, and asks for no click', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const { page } = await open(await launch(t), address, { colorScheme: 'dark' })
  const chart = () => page.evaluate(() => (document.querySelector('#chart canvas') as HTMLCanvasElement).toDataURL())
  const redrawn = (before: string) =>
    page.waitForFunction(
      (url) => document.querySelector<HTMLCanvasElement>('#chart canvas')?.toDataURL() !== url,
      before,
    )
  const onScreen = await chart()
  await page.emulateMedia({ media: 'print' })
  await redrawn(onScreen)
  const inkOf = (place: string) => page.locator(place).evaluate((element) => getComputedStyle(element).color)
  assert.equal(await inkOf('h1'), 'rgb(22, 32, 27)')
  const key = page.locator('#keys .key').first()
  assert.equal(await key.evaluate((element) => getComputedStyle(element).printColorAdjust), 'exact')
  for (const place of ['.spans', '#rows', '#channels', 'footer']) assert.ok(await page.locator(place).isHidden(), place)
  assert.ok(await page.getByText('postgresql.service').isVisible())
  const onPaper = await chart()
  await page.emulateMedia({ media: 'screen' })
  await redrawn(onPaper)
  assert.equal(await inkOf('h1'), 'rgb(230, 236, 232)')
})

test('what is estimated does not look like what is measured', async (t) => {
  const browser = await launch(t)
  const colors = async (name: string): Promise<number> => {
    const { address } = await serveScene(t, SCENES[name] ?? SERVER)
    const { page, context } = await open(browser, address)
    const count = await page.evaluate(() => {
      const canvas = document.querySelector('#chart canvas') as HTMLCanvasElement
      // A strip through the lowest part, well above the axis.
      const strip = canvas.getContext('2d')?.getImageData(canvas.width / 2, canvas.height * 0.85, 60, 12).data ?? []
      const seen = new Set<string>()
      for (let at = 0; at < strip.length; at += 4) seen.add(strip.slice(at, at + 3).join())
      return seen.size
    })
    await context.close()
    return count
  }
  assert.equal(await colors('64-gpus'), 1)
  assert.ok((await colors('no-meter')) > 1)
})

test('below the path of a reverse proxy, it finds all that it needs', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const proxy = await proxyBelow(t, '/servers/db-17/', address)
  const { page, complaints } = await open(await launch(t), `${proxy}/servers/db-17/`)
  assert.match(await sums(page), /covered/)
  // Also what is fetched later.
  await page.waitForResponse((response) => response.url() === `${proxy}/servers/db-17/` && response.ok())
  assert.deepEqual(complaints, [])
})

test('an agent that is gone is told of, and one that is back goes on', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const { page, context } = await open(await launch(t), address)
  await page.clock.install()
  await context.setOffline(true)
  await page.clock.runFor(12_000)
  await page.getByText('The agent does not answer: these numbers are old.').waitFor()
  await context.setOffline(false)
  await page.clock.runFor(12_000)
  await page.getByText('The agent does not answer: these numbers are old.').waitFor({ state: 'detached' })
})

test('without scripts the page says the same of now', async (t) => {
  const { address } = await serveScene(t, SERVER)
  const browser = await launch(t)
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(address)
  assert.ok(await page.locator('#now').getByText('456 W').isVisible())
  assert.ok(await page.getByText('postgresql.service').isVisible())
  assert.match(await textOf(page, '#history noscript'), /The chart needs a script/)
})

/** As nginx with `location /servers/db-17/ { proxy_pass http://localhost:10910/; }`. */
async function proxyBelow(t: TestContext, path: string, target: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith(path)) {
      outgoing.writeHead(404).end()
      return
    }
    const url = `${target}/${incoming.url.slice(path.length)}`
    request(url, { headers: { ...incoming.headers, host: new URL(target).host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }).end()
  })
  t.after(() => new Promise((done) => server.close(done).closeAllConnections()))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
