/** Inline, since the policy of the page names its hash. Colours have a contrast of at least 4.5 to 1 in both schemes. */
export const STYLE = `
:root {
  --ground: #f6f7f5; --sheet: #fff; --ink: #17211d; --quiet: #56635d; --line: #dde3df;
  --measured: #0f766e; --derived: #b45309; --estimated: #64748b; --bad: #b42318; --bad-ground: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101613; --sheet: #19211d; --ink: #e8eeea; --quiet: #9db0a6; --line: #2c3832;
    --measured: #2dd4bf; --derived: #fbbf24; --estimated: #94a3b8; --bad: #ff9b8f; --bad-ground: #3a1b18;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0 }
body {
  max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 2rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.01em }
h2 { font-size: 1rem; margin-bottom: .5rem }
ul { list-style: none }
small, .quiet { display: block; color: var(--quiet); font-size: .8125rem; font-weight: 400 }
section, .figures > div { background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem }
main > * + * { margin-top: 1rem }
.labels, .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem }
.labels { margin-top: .25rem }
.labels span { color: var(--quiet) }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem }
dt { color: var(--quiet); font-size: .875rem }
dd strong { display: block; font-size: 1.75rem; line-height: 1.3; font-weight: 600; letter-spacing: -.02em }
.alarm { background: var(--bad-ground); border-color: var(--bad); color: var(--bad) }
.split { display: block; width: 100%; height: .75rem; border-radius: .375rem; margin-bottom: .5rem }
rect.measured { fill: var(--measured) } rect.derived { fill: var(--derived) } rect.estimated { fill: var(--estimated) }
.legend li::before { content: ""; display: inline-block; width: .625rem; height: .625rem; border-radius: 50%; margin-right: .375rem; background: currentcolor }
.legend .measured::before { color: var(--measured) } .legend .derived::before { color: var(--derived) } .legend .estimated::before { color: var(--estimated) }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem 0 .5rem 1rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top }
th:first-child { padding-left: 0 }
thead th { border-top: 0; padding-top: 0; color: var(--quiet); font-size: .8125rem; font-weight: 400 }
tbody th { font-weight: 500 }
.number { text-align: right; white-space: nowrap }
table + .quiet { margin-top: .5rem }
.up::before { content: "\\2713\\a0"; color: var(--measured) }
.down { color: var(--bad); font-weight: 600 } .down::before { content: "\\2717\\a0" }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1.5rem; color: var(--quiet); font-size: .8125rem }
footer a { color: inherit; margin-right: .75rem }
#lost { flex-basis: 100%; color: var(--bad); font-weight: 600 }
#lost:empty { display: none }
@media (max-width: 34rem) { .wide { display: none } .figures { grid-template-columns: 1fr 1fr; gap: .5rem } dd strong { font-size: 1.375rem } }
`
