import { type Html, html } from './html.ts'

/** What can be looked at, as the script knows it. */
const SPANS = [
  ['10m', '10 min', 'Ten minutes'],
  ['1h', '1 h', 'An hour'],
  ['6h', '6 h', '6 hours'],
  ['24h', '24 h', 'A day'],
  ['7d', '7 d', 'A week'],
  ['30d', '30 d', '30 days'],
  ['365d', '1 y', 'A year'],
] as const
const FIRST = '24h'

/** The place of the chart, which the script fills. Native radio buttons bring their keys with them. */
export function chartPanel(): Html {
  return html`<section id="history" aria-labelledby="over-time">
<div class="head"><h2 id="over-time">Where the watts went</h2>
<form class="spans" aria-label="Time that is shown">
<button type="button" id="earlier" aria-label="Earlier">&lsaquo;</button>
<fieldset><legend class="unseen">Span</legend>${SPANS.map(([span, name, words]) => html`<label><input type="radio" name="span" value="${span}" aria-label="${words}"${span === FIRST ? html` checked` : null}><span>${name}</span></label>`)}</fieldset>
<button type="button" id="later" aria-label="Later">&rsaquo;</button>
</form></div>
<p id="sums"></p><p id="said" class="unseen" role="status"></p>
<div class="plot">
<div id="chart" role="slider" tabindex="0" aria-label="Time in the chart" aria-valuemin="0" aria-valuemax="0" aria-valuenow="0" aria-valuetext="the chart is loading"></div>
<div class="side"><p id="moment" class="quiet"></p><ul id="keys"></ul>
<ul class="qualities"><li class="measured">measured</li><li class="derived">derived</li><li class="estimated">estimated</li><li class="sure">95\u202f% interval</li><li class="gap">not known</li></ul></div>
</div>
<details id="rows"><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Table of the chart"></div></details>
<noscript><p class="quiet">The chart needs a script. The same figures are at <a href="api/v1/history">api/v1/history</a>.</p></noscript>
</section>`
}
