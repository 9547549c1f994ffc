/** One line of the table that `npm run bench` prints. */
export interface BenchRow {
  readonly name: string
  /** With its unit, and as a ratio to a bare loop or a peer where there is one. */
  readonly figure: string
  readonly aim: string
}
