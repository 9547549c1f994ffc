import { stringify } from 'yaml'
import * as z from 'zod'
import { masked } from '../model/secrets.ts'
import type { Config } from './loader.ts'
import { settingsSchema } from './schema.ts'
import { jsonSchema, type KeyShape } from './shape.ts'

const WIDTH = 100

/** The default configuration with the documentation of every key: the file that packages install. */
export function commentedYaml(): string {
  const head = comment('Configuration of wattledger. Every key stands here with its default and may be left out.', '')
  return `${head}\n${sections(jsonSchema(), '')}`
}

/** What is in force, as a file that loads to the same configuration but for credentials in URLs. */
export function effectiveYaml(config: Config): string {
  return masked(stringify(z.encode(settingsSchema, structuredClone(config) as z.output<typeof settingsSchema>)))
}

function sections(shape: KeyShape, indent: string): string {
  return Object.entries(shape.properties ?? {})
    .map(
      ([key, child]) =>
        `${comment(child.description ?? '', indent)}${examples(child, indent)}${indent}${key}:${body(child, indent)}`,
    )
    .join(indent === '' ? '\n' : '')
}

function body(shape: KeyShape, indent: string): string {
  if (shape.properties !== undefined) return `\n${sections(shape, `${indent}  `)}`
  return ` ${flow(shape.default)}`
}

function examples({ examples = [] }: KeyShape, indent: string): string {
  return examples.map((example) => `${indent}#   ${flow(example)}`).join('')
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 })
}

function comment(text: string, indent: string): string {
  let lines = `${indent}#`
  let column = lines.length
  for (const word of text.split(' ')) {
    if (column + 1 + word.length > WIDTH) {
      lines += `\n${indent}#`
      column = indent.length + 1
    }
    lines += ` ${word}`
    column += 1 + word.length
  }
  return `${lines}\n`
}
