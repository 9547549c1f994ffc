import { Body, type Reply } from '../io/serve/reply.ts'
import type { Health } from '../model/health.ts'
import type { Assets } from './assets.ts'
import { timeText } from './browser/text.js'
import { cards } from './cards.ts'
import { chartPanel } from './chart-panel.ts'
import { type Html, html } from './html.ts'
import type { Now } from './now.ts'
import { partTable } from './parts.ts'
import { channelTable, ledgerLine, sensorTable } from './tables.ts'
import { userTables } from './users.ts'

export interface PageContent {
  /** Null before the first reading. */
  readonly now: Now | null
  readonly health: Health
  readonly version: string
  readonly assets: Pick<Assets, 'folder' | 'scripts'>
}

/** Files of this server alone, nothing inside the page, and only this server may be asked; the icon is in the page. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0f766e" d="M9 0 2 9h5l-1 7 8-10H8.500z"/></svg>',
)}`

/** Says the same of now with scripts switched off. What is marked live is replaced by that of a fresh page. */
export function statusPage(content: PageContent): Reply {
  const { now, version, assets } = content
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${now?.node.name ?? 'starting'} · Wattledger</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${assets.folder}/style.css">
<script src="${assets.folder}/uplot.js" defer></script>
<script type="module" src="${assets.folder}/main.js"></script>
${assets.scripts.map((name) => html`<link rel="modulepreload" href="${assets.folder}/${name}">`)}
<noscript><meta http-equiv="refresh" content="15"></noscript>
</head>
<body>
<main>
${live('head', headOf(now))}
${live('alarm', alarmOf(content.health))}
${live('now', now && cards(now))}
${now === null ? null : chartPanel()}
<div class="columns">
${live('left', now && html`${partTable(now)}${sensorTable(now)}${ledgerLine(now)}${channelTable(now)}`)}
${live('right', now && userTables(now))}
</div>
</main>
<footer>
<p id="lost" role="status"></p>
<nav aria-label="For programs"><a href="metrics">metrics</a> <a href="healthz">health</a> <a href="api/v1/now">now</a> <a href="api/v1/history">history</a> <a href="api/v1/openapi.json">interface</a></nav>
<p>Wattledger ${version}</p>
</footer>
</body>
</html>
`
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: new Body(page.text),
    headers: { 'Content-Security-Policy': PAGE_POLICY },
  }
}

function live(id: string, content: Html | null): Html {
  return html`<div id="${id}" data-live>${content}</div>`
}

function headOf(now: Now | null): Html {
  if (now === null) return html`<h1>Wattledger</h1><p>The agent has not taken a reading yet.</p>`
  return html`<header><h1>${now.node.name}</h1>${labelsOf(now)}
<p class="quiet">${now.healthy ? html`<span class="up">healthy</span> · ` : null}As of <time id="as-of" datetime="${now.time}">${timeText(now.time)}</time></p></header>`
}

/** By itself, so that a screen reader is told of it when it changes, and not whenever a number does. */
function alarmOf({ ok, reasons }: Health): Html | null {
  if (ok) return null
  return html`<section class="alarm" role="alert"><h2>Not healthy</h2><ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></section>`
}

function labelsOf({ node }: Now): Html | null {
  const labels = Object.entries(node.labels)
  if (labels.length === 0) return null
  return html`<ul class="labels">${labels.map(([name, value]) => html`<li><span>${name}</span> ${value}</li>`)}</ul>`
}
