/** JSON with a line for each entry of the outermost lists and objects, so that a change of one is a change of one line. */
export function jsonOf(value: object): string {
  const entries = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}: ${entryOf(entry)}`)
  return `{\n${entries.join(',\n')}\n}\n`
}

function entryOf(entry: unknown): string {
  if (Array.isArray(entry) && entry.some(Array.isArray)) {
    return `[\n${entry.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  }
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return JSON.stringify(entry)
  const members = Object.entries(entry).map(([name, member]) => `${JSON.stringify(name)}: ${JSON.stringify(member)}`)
  return `{\n${members.join(',\n')}\n}`
}
