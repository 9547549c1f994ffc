import { escaped } from '../../model/escaped.ts'
import type { Fact, ReportDocument, Section, Table } from '../document-shape.ts'
import { STYLE } from './style.ts'

/** A document of one file: no script, nothing from a network, ready to print. `picture` is what its rows look like. */
export function htmlText({ title, subtitle, facts, sections }: ReportDocument, picture: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${title}, ${subtitle}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>${escaped(subtitle)}</p>
</header>
<main>
${factList(facts)}
${sections.map((section) => sectionHtml(picture, section)).join('\n')}
</main>
</body>
</html>
`
}

function sectionHtml(picture: string, { heading, about, table, facts, isRows }: Section): string {
  const none = table === null && facts.length === 0 ? '<p>None.</p>' : ''
  return `<section>
<h2>${escaped(heading)}</h2>
${about === '' ? '' : `<p class="about">${escaped(about)}</p>`}
${isRows ? picture : ''}${table === null ? none : tableHtml(table)}${facts.length === 0 ? '' : factList(facts)}
</section>`
}

function factList(facts: readonly Fact[]): string {
  const items = facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`)
  return `<dl>\n${items.join('\n')}\n</dl>`
}

function tableHtml({ head, rows, total, right }: Table): string {
  const row = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells
      .map((cell, column) => {
        const [name, scope] =
          column === 0 && tag === 'td' ? ['th', ' scope="row"'] : [tag, tag === 'th' ? ' scope="col"' : '']
        return `<${name}${scope}${right.has(column) ? ' class="number"' : ''}>${escaped(cell)}</${name}>`
      })
      .join('')}</tr>`
  const foot = total === null ? '' : `\n<tfoot>${row(total, 'td')}</tfoot>`
  return `<div class="scroll"><table>
<thead>${row(head, 'th')}</thead>
<tbody>
${rows.map((cells) => row(cells, 'td')).join('\n')}
</tbody>${foot}
</table></div>`
}
