/** JSON as the formatter writes it: lists of numbers on one line. */
export function jsonOf(value: object): string {
  const text = JSON.stringify(value, null, 2)
  return `${text.replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (_, items: string) => `[${items.replaceAll(/\s+/g, ' ')}]`)}\n`
}
