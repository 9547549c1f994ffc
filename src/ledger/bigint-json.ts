/** JSON with bigints as `"#5"`; a string that begins with `#` has one more. */
export function encode(content: object): string {
  return JSON.stringify(content, (_, value: unknown) => {
    if (typeof value === 'bigint') return `#${value}`
    return typeof value === 'string' && value.startsWith('#') ? `#${value}` : value
  })
}

/** What `encode` was given. @throws Error when it is not JSON. */
export function decode<Content>(body: string): Content {
  return JSON.parse(body, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith('#')) return value
    return value.startsWith('##') ? value.slice(1) : BigInt(value.slice(1))
  })
}
