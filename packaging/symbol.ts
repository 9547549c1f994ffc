import { execFileSync } from 'node:child_process'

export interface Variable {
  readonly name: string
  /** In the file, where its bytes lie. */
  readonly offset: number
  readonly size: number
}

/**
 * A variable of a program, by its ELF symbol. Undefined where there is none of that name in that section.
 * @param binding local ones are gone once the program is stripped
 * @param name a regular expression
 */
export function findSymbol(
  program: string,
  binding: 'LOCAL' | 'GLOBAL',
  section: string,
  name: string,
): Variable | undefined {
  const table = binding === 'LOCAL' ? '--syms' : '--dyn-syms'
  const ask = ['--wide', table, '--section-headers', program]
  const said = execFileSync('readelf', ask, { encoding: 'utf8', maxBuffer: 1 << 28 })
  const [, address, size, index, found] =
    new RegExp(`: ([\\da-f]+) +(\\w+) OBJECT +${binding} +DEFAULT +(\\d+) (${name})$`, 'm').exec(said) ?? []
  const header = new RegExp(`^ *\\[ *${index}\\] \\${section} +PROGBITS +([\\da-f]+) ([\\da-f]+) `, 'm')
  const [, start, from] = header.exec(said) ?? []
  if (found === undefined || start === undefined) return undefined
  const offset = Number(`0x${address}`) - Number(`0x${start}`) + Number(`0x${from}`)
  return { name: found, offset, size: Number(size) }
}
