/** Lines of at most `width` characters, broken at blanks, or in a longer word after a hyphen or a slash, or anywhere. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`
      continue
    }
    if (line !== '') lines.push(line)
    while (rest.length > width) {
      const cut = cutOf(rest, width)
      lines.push(rest.slice(0, cut))
      rest = rest.slice(cut)
    }
    line = rest
  }
  return [...lines, line]
}

/** Not so early that little of the line is left. */
function cutOf(word: string, width: number): number {
  const cut = Math.max(word.lastIndexOf('-', width - 1), word.lastIndexOf('/', width - 1)) + 1
  return cut > width / 2 ? cut : width
}
