import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  type DataQuery,
  type FieldConfigSource,
  GraphDrawStyle,
  type GraphFieldConfig,
  LegendDisplayMode,
  type Panel,
  PercentChangeColorMode,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VizOrientation,
} from '@grafana/schema'
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen'
import type {
  FieldConfig as TableFieldConfig,
  Options as TableOptions,
} from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen'
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen'

export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const

/** A query of Grafana's Prometheus data source. */
export interface PrometheusQuery extends DataQuery {
  readonly expr: string
  readonly legendFormat: string
  readonly instant: boolean
  readonly range: boolean
  readonly format: 'time_series' | 'table'
}

/** Legend → PromQL. */
export type Queries = Readonly<Record<string, string>>
type Overrides = FieldConfigSource['overrides']

/** A panel before it has its place. */
export interface Figure {
  readonly title: string
  readonly description: string
  /** Of 24. */
  readonly width: number
  readonly height: number
  readonly panel: Omit<Panel, 'title' | 'description'>
}

interface About {
  readonly title: string
  readonly description: string
  readonly unit: string
}

function targets(queries: Queries, kind: 'instant' | 'range' | 'table'): (PrometheusQuery & Record<string, unknown>)[] {
  const isInstant = kind !== 'range'
  return Object.entries(queries).map(([legendFormat, expr], i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATASOURCE,
    expr,
    legendFormat,
    instant: isInstant,
    range: !isInstant,
    format: kind === 'table' ? 'table' : 'time_series',
  }))
}

/** The look of the fields whose legend matches. */
export const looks = (pattern: string, properties: Readonly<Record<string, unknown>>): Overrides[number] => ({
  matcher: { id: 'byRegexp', options: pattern },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
})

/** Estimated is told from measured by its dashes and its pale colour. */
export const BY_QUALITY: Overrides = [
  looks('measured', { color: { mode: 'fixed', fixedColor: 'green' } }),
  looks('derived', { color: { mode: 'fixed', fixedColor: 'blue' } }),
  looks('estimated', {
    color: { mode: 'fixed', fixedColor: 'orange' },
    'custom.lineStyle': { fill: 'dash', dash: [8, 8] },
    'custom.fillOpacity': 10,
  }),
]

/** Two bounds without lines, with what is between them filled. */
export const BAND: Overrides = [
  looks('upper', { 'custom.fillBelowTo': 'lower', 'custom.lineWidth': 0, 'custom.fillOpacity': 20 }),
  looks('upper|lower', {
    'custom.lineWidth': 0,
    color: { mode: 'fixed', fixedColor: 'blue' },
    'custom.hideFrom': { legend: true, tooltip: false, viz: false },
  }),
]

/** One figure. */
export function stat(
  about: About & { readonly expr: string; readonly legend?: string; readonly decimals?: number },
): Figure {
  const { title, description, unit, expr, legend = '', decimals } = about
  const options: StatOptions = {
    colorMode: BigValueColorMode.Value,
    graphMode: BigValueGraphMode.None,
    justifyMode: BigValueJustifyMode.Auto,
    orientation: VizOrientation.Auto,
    percentChangeColorMode: PercentChangeColorMode.Standard,
    reduceOptions: { calcs: ['lastNotNull'] },
    showPercentChange: false,
    textMode: BigValueTextMode.Auto,
    wideLayout: true,
  }
  const fieldConfig = { defaults: { unit, ...(decimals !== undefined && { decimals }) }, overrides: [] }
  const panel = { type: 'stat', targets: targets({ [legend]: expr }, 'instant'), options: { ...options }, fieldConfig }
  return { title, description, width: 4, height: 4, panel }
}

/** Lines over time; a time without a figure is a gap in them. */
export function lines(
  about: About & {
    readonly queries: Queries
    readonly stacked?: boolean
    readonly min?: number
    readonly max?: number
    readonly overrides?: Overrides
    readonly width?: number
  },
): Figure {
  const { title, description, unit, queries, stacked = false, min = 0, max, overrides = [], width = 12 } = about
  const options: TimeSeriesOptions = {
    legend: { calcs: ['lastNotNull'], displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true },
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  }
  const custom: GraphFieldConfig = {
    drawStyle: GraphDrawStyle.Line,
    fillOpacity: stacked ? 50 : 0,
    lineWidth: 1,
    spanNulls: false,
    stacking: { mode: stacked ? StackingMode.Normal : StackingMode.None, group: 'A' },
  }
  const defaults = { unit, min, ...(max !== undefined && { max }), custom: { ...custom } }
  const panel = {
    type: 'timeseries',
    targets: targets(queries, 'range'),
    options: { ...options },
    fieldConfig: { defaults, overrides },
  }
  return { title, description, width, height: 8, panel }
}

/** Rows of labels, the greatest value first. */
export function table(
  about: About & { readonly expr: string; readonly columns: readonly string[]; readonly value: string | null },
): Figure {
  const { title, description, unit, expr, columns, value } = about
  const options: TableOptions = {
    frameIndex: 0,
    showHeader: true,
    ...(value !== null && { sortBy: [{ displayName: value, desc: true }] }),
  }
  const custom: Partial<TableFieldConfig> = {}
  const shown = value === null ? columns : [...columns, 'Value']
  const transformations = [
    { id: 'filterFieldsByName', options: { include: { names: shown } } },
    { id: 'organize', options: { renameByName: value === null ? {} : { Value: value } } },
  ]
  const panel = {
    type: 'table',
    targets: targets({ '': expr }, 'table'),
    options: { ...options },
    fieldConfig: { defaults: { unit, custom }, overrides: [] },
    transformations,
  }
  return { title, description, width: 12, height: 8, panel }
}
