import { energyText, orDash, powerText } from './browser/text.js'
import { type Html, html } from './html.ts'
import type { Now } from './now.ts'
import { bar } from './quality-bar.ts'
import type { NowConsumer, NowTenant } from './users-now.ts'

const MOST_SHOWN = 10

/** Who uses the machine. Null where nobody tells. */
export function userTables({ consumers, tenants, consumers_left_out, tenants_left_out }: Now): Html | null {
  if (consumers.length === 0 && tenants.length === 0) return null
  const rowOf = (one: NowConsumer) => rowOfUser(one.name, kindOf(one), one, consumers)
  const ofTenant = (one: NowTenant) => rowOfUser(one.tenant, '', one, tenants)
  return html`<section aria-labelledby="users"><h2 id="users">Who uses them</h2>
<p class="quiet">Mean of the last minute. The fuller end of a bar is idle power of what is kept ready for them.</p>
${tableOf('Consumer', consumers.slice(0, MOST_SHOWN).map(rowOf))}
${more(consumers.length + consumers_left_out, 'consumers')}
${tenants.length < 2 ? null : html`<h3>Tenants</h3>${tableOf('Tenant', tenants.slice(0, MOST_SHOWN).map(ofTenant))}`}
${more(tenants.length + tenants_left_out, 'tenants')}</section>`
}

function tableOf(name: string, rows: readonly Html[]): Html {
  return html`<table>
<thead><tr><th scope="col">${name}</th><th scope="col" class="number">Power</th><th scope="col" class="number">Today</th></tr></thead>
<tbody>${rows}</tbody></table>`
}

function rowOfUser(name: string, note: string, one: NowConsumer | NowTenant, all: readonly NowTenant[]): Html {
  const most = Math.max(...all.map(({ power_w }) => power_w ?? 0))
  const share = (watts: number | null) => (most > 0 ? (watts ?? 0) / most : 0)
  const idle = 'idle_w' in one ? share(one.idle_w) : 0
  return html`<tr><th scope="row">${name}<small>${note}</small>${bar(idle, share(one.power_w) - idle)}</th>
<td class="number">${orDash(one.power_w, powerText)}</td><td class="number">${orDash(one.today_kwh, energyText)}</td></tr>`
}

/** What stands for others says so itself. */
function kindOf({ kind, name, tenant }: NowConsumer): string {
  const words = kind === name ? [] : [kind]
  return [...words, ...(tenant === '' || tenant === 'unassigned' ? [] : [tenant])].join(' · ')
}

function more(count: number, what: string): Html | null {
  return count > MOST_SHOWN
    ? html`<p class="quiet">and ${count - MOST_SHOWN} more ${what}: <a href="api/v1/consumers?limit=200">api/v1/consumers</a></p>`
    : null
}
