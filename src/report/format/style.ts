/** For paper first. Colours are told apart in grey, too. */
export const STYLE = `
* { box-sizing: border-box; margin: 0 }
body { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem; color: #17211d; background: #fff; font: 15px/1.5 system-ui, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums }
header { border-bottom: 3px solid #0f766e; padding-bottom: .75rem; margin-bottom: 1.25rem }
h1 { font-size: 1.7rem; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere }
header p, .about, figcaption { color: #56635d }
.about, figcaption { font-size: .82rem; margin-bottom: .6rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .35rem }
dl { border-top: 1px solid #dde3df }
dl > div { display: grid; grid-template-columns: 17rem 1fr; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid #dde3df }
dt { color: #56635d } dd { overflow-wrap: anywhere }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .86rem }
th, td { padding: .28rem 0 .28rem .9rem; text-align: left; vertical-align: top; border-bottom: 1px solid #e8ece9; font-weight: 400; overflow-wrap: break-word }
th:first-child, td:first-child { padding-left: 0; min-width: 7rem }
thead th { color: #56635d; border-bottom: 1px solid #17211d; vertical-align: bottom; overflow-wrap: normal }
tfoot > tr > * { font-weight: 600; border-top: 1px solid #17211d; border-bottom: 0 }
.number { text-align: right; white-space: nowrap }
figure { margin: .5rem 0 1rem } svg { display: block; width: 100%; height: auto } svg text { font: 11px system-ui, "Liberation Sans", sans-serif; fill: #56635d }
.measured { fill: #0f766e } .derived { fill: #b45309 } .estimated { fill: #94a3b8 } .gap { fill: #b42318 } .axis { stroke: #dde3df; stroke-width: 1 }
.key { display: inline-block; margin-right: 1rem } .key svg { display: inline-block; width: .7rem; height: .7rem; margin-right: .3rem; vertical-align: -.05rem }
@media (max-width: 36rem) { dl > div { grid-template-columns: 1fr; gap: 0 } body { padding: 1.25rem 1rem } }
@page { size: A4; margin: 16mm 14mm }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt }
  h2 { break-after: avoid } tr, figure, dl > div { break-inside: avoid } thead { display: table-header-group }
  .scroll { overflow: visible } table { font-size: 8pt } th, td { padding-left: .4rem } tfoot { display: table-row-group }
}
`
