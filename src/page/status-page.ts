import { createHash } from 'node:crypto'
import { Body, type Reply } from '../io/serve/reply.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { durationText, energyText, sizeText, timeText } from './display.ts'
import { figures, qualitySplit } from './figures.ts'
import { Html, html } from './html.ts'
import { partTable } from './parts.ts'
import { REFRESH_SCRIPT } from './script.ts'
import { STYLE } from './style.ts'
import { channelTable, sensorTable } from './tables.ts'

export interface PageContent {
  readonly snapshot: Snapshot | null
  readonly health: { readonly ok: boolean; readonly reasons: readonly string[] }
  readonly version: string
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Only the style and the script below, byte for byte; only this server may be asked; the icon is in the page. */
const PAGE_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(REFRESH_SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0f766e" d="M9 0 2 9h5l-1 7 8-10H8.500z"/></svg>',
)}`

/** One page without any other file. It says the same with scripts switched off. */
export function statusPage(content: PageContent): Reply {
  const name = content.snapshot?.node.name ?? 'starting'
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name} · Wattledger</title>
<link rel="icon" href="${ICON}">
<noscript><meta http-equiv="refresh" content="15"></noscript>
<style>${new Html(STYLE)}</style>
</head>
<body>
${mainOf(content)}
<footer>
<p id="lost" role="status"></p>
<nav aria-label="For programs"><a href="metrics">metrics</a> <a href="healthz">health</a> <a href="api/v1/snapshot">JSON</a></nav>
<p>Wattledger ${content.version}</p>
</footer>
<script>${new Html(REFRESH_SCRIPT)}</script>
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

function mainOf({ snapshot, health }: PageContent): Html {
  const alarm = health.ok
    ? null
    : html`<section class="alarm" role="alert"><h2>Not healthy</h2><ul>${health.reasons.map((reason) => html`<li>${reason}</li>`)}</ul></section>`
  if (snapshot === null)
    return html`<main><h1>Wattledger</h1>${alarm}<p>The agent has not taken a reading yet.</p></main>`
  return html`<main>
<header><h1>${snapshot.node.name}</h1>${labelsOf(snapshot)}
<p class="quiet">As of <time datetime="${new Date(snapshot.atUnixMs).toISOString()}">${timeText(snapshot.atUnixMs)}</time></p></header>
${alarm}
${figures(snapshot)}
${qualitySplit(snapshot.node.totals)}
${partTable(snapshot.node)}
${channelTable(snapshot.channels)}
${sensorTable(snapshot.sensors, snapshot.atUnixMs)}
${ledgerLine(snapshot)}
</main>`
}

function labelsOf({ node }: Snapshot): Html | null {
  const labels = Object.entries(node.labels)
  if (labels.length === 0) return null
  return html`<ul class="labels">${labels.map(([name, value]) => html`<li><span>${name}</span> ${value}</li>`)}</ul>`
}

function ledgerLine({ ledger, selfEnergyUj, node }: Snapshot): Html {
  const state = ledger.writable
    ? 'The ledger accepts writes'
    : `The ledger cannot be written: ${ledger.message ?? 'reason unknown'}`
  const queued = ledger.queuedBatches > 0 ? `; ${ledger.queuedBatches} batches wait to be written` : ''
  const dropped = ledger.droppedBatches > 0 ? `; ${ledger.droppedBatches} batches were lost` : ''
  return html`<section><h2>Ledger</h2>
<p>${state}${queued}${dropped}. It takes ${sizeText(ledger.sizeBytes)} on disk.
Nothing is known of the machine for ${durationText(Number(node.totals.unaccountedNs) / 1e9)}. This daemon itself has used ${energyText(selfEnergyUj)}.</p></section>`
}
