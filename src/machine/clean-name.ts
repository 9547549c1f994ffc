/** What firmware and tools call a thing, fit to be shown; null when nothing is left. */
export function cleanName(text: string | null): string | null {
  return (
    text
      ?.replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 200) || null
  )
}
