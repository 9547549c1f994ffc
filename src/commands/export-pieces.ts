/** How far an export is: the time of a row, in one of several passes over all times. */
export interface Position {
  readonly unixMs: number
  readonly pass: number
  readonly passes: number
}

/** An export: text, a row at a time, or bytes, a group of rows at a time. */
export type Pieces = Generator<
  { readonly at?: Position } & ({ readonly text: string } | { readonly bytes: Uint8Array })
>
