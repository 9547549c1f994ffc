import type { Dashboard, Panel, VariableModel } from '@grafana/schema'
import { DATASOURCE, type Figure } from './panel.ts'

/** The schema of dashboards that Grafana 10.4 and later read as they are. */
const SCHEMA_VERSION = 39
const COLUMNS = 24

/** The panels from left to right and from the top down. */
function placed(figures: readonly Figure[]): Panel[] {
  let x = 0
  let y = 0
  let rowHeight = 0
  return figures.map(({ title, description, width, height, panel }, i) => {
    if (x + width > COLUMNS) {
      x = 0
      y += rowHeight
      rowHeight = 0
    }
    const gridPos = { x, y, w: width, h: height }
    x += width
    rowHeight = Math.max(rowHeight, height)
    return { id: i + 1, title, description, datasource: DATASOURCE, gridPos, ...panel }
  })
}

const dataSource: VariableModel = { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus' }

/** A choice among the values of a label. */
export function choice(name: string, metric: string, isMulti: boolean): VariableModel {
  return {
    type: 'query',
    name,
    label: name,
    datasource: DATASOURCE,
    query: { query: `label_values(${metric}, ${name})`, refId: name },
    // When the time range changes: machines come and go.
    refresh: 2,
    multi: isMulti,
    includeAll: isMulti,
    ...(isMulti && { allValue: '.+' }),
  }
}

interface Content {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly choices: readonly VariableModel[]
  readonly figures: readonly Figure[]
}

export function dashboard({ uid, title, description, choices, figures }: Content): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ['wattledger'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    links: [
      {
        type: 'dashboards',
        tags: ['wattledger'],
        title: 'Wattledger',
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        icon: 'dashboard',
        targetBlank: false,
        tooltip: '',
        url: '',
      },
    ],
    templating: { list: [dataSource, ...choices] },
    annotations: { list: [] },
    panels: placed(figures),
  }
}
