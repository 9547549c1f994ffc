/** `npm run dashboards`: writes config/grafana from scripts/dashboards. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Dashboard } from '@grafana/schema'
import { CARBON } from './dashboards/carbon.ts'
import { NODE } from './dashboards/node.ts'
import { TENANTS } from './dashboards/tenants.ts'

/** File of config/grafana → what it holds. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'node.json': NODE,
  'tenants.json': TENANTS,
  'carbon.json': CARBON,
}

export const jsonOf = (dashboard: Dashboard): string => `${JSON.stringify(dashboard, null, 2)}\n`

if (import.meta.main) {
  const folder = resolve(import.meta.dirname, '../config/grafana')
  for (const [name, dashboard] of Object.entries(DASHBOARDS)) writeFileSync(join(folder, name), jsonOf(dashboard))
}
