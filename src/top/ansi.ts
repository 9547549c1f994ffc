import type { Line, Tone } from './text.ts'

/** Select graphic rendition (ECMA-48), in colours that hold on light and dark. */
const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  doubtful: '33',
  alarm: '1;31',
}

export function plainText(line: Line): string {
  return line
    .map(({ text }) => text)
    .join('')
    .trimEnd()
}

/** With colours, and all of them off at its end. */
export function colouredText(line: Line): string {
  const [first, ...others] = mergedEnd(line)
  if (first === undefined) return ''
  return [first, ...others]
    .map(({ text, tone }) => (SGR[tone] === '' ? text : `\u001b[${SGR[tone]}m${text}\u001b[0m`))
    .join('')
}

/** Without blanks at the end. */
function mergedEnd(line: Line): Line {
  const last = line.at(-1)
  if (last === undefined) return []
  const text = last.text.trimEnd()
  return text === '' ? mergedEnd(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }]
}
