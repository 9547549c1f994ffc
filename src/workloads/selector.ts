import { type Labels, labelsAt, type Sample } from './exposition.ts'

/** The series of one name that have all of some labels: `name{label="x"}`. */
export interface Selector {
  readonly name: string
  readonly labels: Labels
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/

/** Null for a text of another form. */
export function parseSelector(text: string): Selector | null {
  const name = NAME.exec(text)?.[0]
  const parsed = name === undefined ? null : labelsAt(text, name.length)
  return name === undefined || parsed?.end !== text.length ? null : { name, labels: parsed.labels }
}

export function selects({ name, labels }: Selector, sample: Sample): boolean {
  return sample.name === name && [...labels].every(([label, value]) => (sample.labels.get(label) ?? '') === value)
}
