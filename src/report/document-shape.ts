/** A report as people read it: what every format lays out in its way. */
export interface ReportDocument {
  readonly title: string
  readonly subtitle: string
  readonly facts: readonly Fact[]
  readonly sections: readonly Section[]
}

export type Fact = readonly [name: string, value: string]

export interface Section {
  readonly heading: string
  readonly about: string
  readonly table: Table | null
  readonly facts: readonly Fact[]
  /** True where the rows of the report stand, whose picture belongs here. */
  readonly isRows: boolean
}

/** One of a table alone; null where there is nothing to show. */
export function section(heading: string, about: string, table: Table | null): Section {
  return { heading, about, table, facts: [], isRows: false }
}

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The last row, which sums up the others. */
  readonly total: readonly string[] | null
  /** Columns of numbers. */
  readonly right: ReadonlySet<number>
}
