export type Row = readonly string[]

/** Lines of a table: the head first, columns as wide as their widest cell, those of `right` to the right. */
export function table(rows: readonly Row[], right: ReadonlySet<number>): string[] {
  // Not Math.max(...): a hundred thousand arguments overflow the stack.
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  )
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
