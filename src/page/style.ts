/** Colours of text have a contrast of at least 4.5 to 1 in both schemes, those of the chart of 3 to 1. */
const SCHEMES = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f2; --sheet: #fff; --ink: #16201b; --quiet: #55625b; --line: #dfe4e0; --faint: #eef1ee;
  --accent: #0f766e; --bad: #b42318; --bad-ground: #fdecea; --good: #0f766e;
  --measured: #0f766e; --derived: #b45309; --estimated: #64748b;
  --processors: #0f8577; --memory: #4a67b8; --accelerators: #c07a12; --rest: #7a8791; --supply_loss: #a9577f;
  --shadow: 0 1px 2px rgb(22 32 27 / 5%), 0 4px 16px rgb(22 32 27 / 4%);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1412; --sheet: #161e1b; --ink: #e6ece8; --quiet: #98a9a0; --line: #28332e; --faint: #1d2723;
    --accent: #2dd4bf; --bad: #ff9b8f; --bad-ground: #371a17; --good: #2dd4bf;
    --measured: #2dd4bf; --derived: #fbbf24; --estimated: #94a3b8;
    --processors: #25a797; --memory: #7c97e4; --accelerators: #dba03b; --rest: #8a97a1; --supply_loss: #cd7ba5;
    --shadow: none;
  }
}`

const FRAME = `
* { box-sizing: border-box; margin: 0; padding: 0 }
body {
  max-width: 86rem; margin: 0 auto; padding: 1.75rem 1.5rem 2rem; background: var(--ground); color: var(--ink);
  font: .9375rem/1.5 system-ui, "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; margin-bottom: 1.25rem }
header .quiet { margin-left: auto }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.015em; font-weight: 650 }
h2 { font-size: 1rem; font-weight: 600; letter-spacing: -.005em }
h3 { font-size: .8125rem; font-weight: 600; margin-top: 1.25rem; color: var(--quiet) }
ul { list-style: none }
a { color: inherit; text-underline-offset: .2em; text-decoration-color: var(--line) }
a:hover { text-decoration-color: currentcolor }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .25rem }
small, .quiet { color: var(--quiet); font-size: .8125rem; font-weight: 400 }
small { display: block }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
section, .card { background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; padding: 1.125rem 1.25rem; box-shadow: var(--shadow) }
section + section { margin-top: 1rem }
.labels { display: flex; flex-wrap: wrap; gap: .25rem .5rem }
.labels li { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .625rem; font-size: .8125rem }
.labels span { color: var(--quiet) }
.alarm { background: var(--bad-ground); border-color: var(--bad); color: var(--bad); margin-bottom: 1rem; box-shadow: none }
.up::before { content: "\\2713\\a0"; color: var(--good) }
.down { color: var(--bad); font-weight: 600 } .down::before { content: "\\2717\\a0" }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: 1rem; align-items: start }
.columns > div { min-width: 0 }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1.5rem; color: var(--quiet); font-size: .8125rem }
footer a { margin-right: .75rem }
#lost { flex-basis: 100%; color: var(--bad); font-weight: 600 }
#lost:empty { display: none }`

const CARDS = `
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: 1rem; margin-bottom: 1rem }
.card { padding: 1rem 1.125rem }
dt { color: var(--quiet); font-size: .8125rem }
dd strong { display: block; font-size: 1.75rem; line-height: 1.3; font-weight: 600; letter-spacing: -.025em; margin-bottom: .125rem }
.main dd strong { font-size: 2.25rem; line-height: 1.15; color: var(--accent) }
.words dd strong { font-size: 1.25rem; line-height: 1.85; letter-spacing: -.01em }
.split, .bar { display: block; width: 100%; border-radius: .25rem; background: var(--faint) }
.split { height: .375rem; margin: .375rem 0 .125rem }
.bar { height: .25rem; margin-top: .375rem; max-width: 24rem }
.bar .first { fill: var(--accent) } .bar .second { fill: var(--accent); opacity: .45 }
rect.measured { fill: var(--measured) } rect.derived { fill: var(--derived) } rect.estimated { fill: var(--estimated) }
${['processors', 'memory', 'accelerators', 'rest', 'supply_loss']
  .map((part) => `.key.${part} { background: var(--${part}) } .bar.${part} rect { fill: var(--${part}) }`)
  .join('\n')}`

const TABLES = `
table { width: 100%; border-collapse: collapse; margin-top: .5rem }
th, td { padding: .5rem 0 .5rem 1rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top }
th:first-child { padding-left: 0 }
thead th { border-top: 0; padding-top: .125rem; padding-bottom: .375rem; color: var(--quiet); font-size: .8125rem; font-weight: 400 }
tbody th { font-weight: 500 }
.number { text-align: right; white-space: nowrap }
summary { cursor: pointer } summary h2 { display: inline }
details[open] > summary { margin-bottom: .5rem }
.key { display: inline-block; width: .75rem; height: .75rem; border-radius: .1875rem; margin-right: .5rem; vertical-align: -.0625rem }`

const CHART = `
#history .head { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between }
.spans { display: flex; gap: .25rem; align-items: stretch }
.spans fieldset { border: 1px solid var(--line); border-radius: .5rem; display: flex; overflow: hidden }
.spans label { display: block; position: relative; cursor: pointer }
.spans label + label { border-left: 1px solid var(--line) }
.spans input { position: absolute; opacity: 0; inset: 0; cursor: pointer }
.spans span, .spans button { display: block; padding: .25rem .75rem; font-size: .8125rem; line-height: 1.5 }
.spans input:checked + span { background: var(--accent); color: var(--sheet); font-weight: 600 }
.spans input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: -4px; background: var(--faint); color: var(--ink) }
.spans button { font: inherit; border: 1px solid var(--line); border-radius: .5rem; background: none; color: inherit; cursor: pointer; min-width: 2rem }
.spans button:disabled { color: var(--line); cursor: default }
#sums { margin: .5rem 0 .75rem; color: var(--quiet); font-size: .875rem; min-height: 1.3125rem }
#sums b { color: var(--ink); font-weight: 600 }
#sums.bad { color: var(--bad) }
.plot { display: grid; grid-template-columns: minmax(0, 1fr) 15rem; gap: 1.25rem }
#chart { min-width: 0; min-height: 25.75rem }
.side { font-size: .875rem }
#moment { min-height: 1.25rem; margin-bottom: .375rem }
#keys li { display: flex; align-items: baseline; padding: .25rem 0; border-top: 1px solid var(--line) }
#keys li b { margin-left: auto; font-weight: 600; white-space: nowrap; padding-left: .5rem }
#keys li.sum { font-weight: 600 } #keys li.other { color: var(--quiet) }
#keys li.apart { margin-top: .75rem }
.qualities { display: flex; flex-wrap: wrap; gap: .25rem .875rem; margin-top: .875rem; color: var(--quiet); font-size: .8125rem }
.qualities li::before { content: ""; display: inline-block; width: .875rem; height: .75rem; border-radius: .125rem; margin-right: .375rem; vertical-align: -.0625rem; background: var(--rest) }
.qualities .derived::before { opacity: .55 }
.qualities .estimated::before { background: repeating-linear-gradient(135deg, var(--rest) 0 2px, transparent 2px 4px); outline: 1px solid var(--rest); outline-offset: -1px }
.qualities .sure::before { background: var(--ink); opacity: .25 }
.qualities .gap::before { background: repeating-linear-gradient(45deg, var(--bad) 0 1px, transparent 1px 4px); outline: 1px dashed var(--bad); outline-offset: -1px }
.scroll { max-height: 22rem; overflow: auto }
#rows { margin-top: .75rem } #rows summary { color: var(--quiet); font-size: .8125rem }
.scroll thead th { position: sticky; top: 0; background: var(--sheet) }
.uplot { width: min-content; position: relative }
.u-wrap { position: relative; user-select: none }
.u-over, .u-under { position: absolute }
.u-under { overflow: hidden }
.uplot canvas { display: block; position: relative; width: 100%; height: 100% }
.u-axis { position: absolute }
.u-select { background: var(--accent); opacity: .15; position: absolute; pointer-events: none }
.u-cursor-x { position: absolute; left: 0; top: 0; pointer-events: none; will-change: transform; height: 100%; border-right: 1px solid var(--ink); opacity: .6 }
.u-off { display: none }`

const NARROW = `
@media (max-width: 64rem) { .columns, .plot { grid-template-columns: minmax(0, 1fr) } }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 1.5rem }
  header .quiet { margin-left: 0; flex-basis: 100% }
  .wide { display: none }
  .cards { grid-template-columns: 1fr 1fr; gap: .5rem; margin-bottom: .75rem }
  .card { padding: .75rem .875rem }
  .card.main, .card:last-child:nth-child(even) { grid-column: 1 / -1 }
  dd strong { font-size: 1.375rem }
  .words dd strong { font-size: 1.0625rem }
  section { padding: .875rem }
  .columns { margin-top: .75rem; gap: .75rem }
  section + section { margin-top: .75rem }
  .spans { width: 100% } .spans fieldset { flex: 1 } .spans label { flex: auto; text-align: center; white-space: nowrap }
  .spans span { padding: .375rem .125rem } .spans button { min-width: 1.75rem; padding: .25rem }
  #chart { min-height: 19.75rem }
}
#history[aria-busy="true"] .plot { opacity: .5; transition: opacity .2s .4s }
@media (prefers-reduced-motion: no-preference) { .spans span { transition: background-color .12s } }`

/** Paper is light, takes no clicks, and shows a colour only where it is asked to. */
const PRINT = `
@media print {
  :root { color-scheme: light }
  body { max-width: none; padding: 0 }
  .spans, footer, details:not([open]), section:has(> details:only-child:not([open])) { display: none }
  tr, .card, .plot { break-inside: avoid } h2, h3, h2 + p { break-after: avoid }
  .key, .split, .bar, .qualities li::before { print-color-adjust: exact }
}`

export const STYLE = [SCHEMES, FRAME, CARDS, TABLES, CHART, NARROW, PRINT].join('\n')
