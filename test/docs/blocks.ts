import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
export const PAGES: readonly string[] = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: ROOT })]

/** A fenced block of a page; of what is not fenced, a span of code is one, with the language `inline`. */
export interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
}

export function blocks(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const fenced = /^ *```([a-z]*)\n([\s\S]*?)^ *```$/gm
  const spans = text.replaceAll(fenced, '').matchAll(/`([^`\n]+)`/g)
  return [
    ...[...text.matchAll(fenced)].map(([, language = '', text = '']) => ({ page, language, text })),
    ...[...spans].map(([, text = '']) => ({ page, language: 'inline', text })),
  ]
}

/** All blocks of a language, with those of all pages. */
export const allOf = (language: string): readonly Block[] =>
  PAGES.flatMap((page) => blocks(page)).filter((block) => block.language === language)

const PROGRAMS =
  /^(?:wattledger|npm|node|npx|python3|sqlite3|promtool|curl|systemctl|journalctl|apt|cp|mv|install|ssh|ssh-keygen|openssl|gzip|sed|tar|systemd-run|make|sudo|\.ci\/\w+)(?: |$)/

/** The commands of a block as they are typed: lines that begin with a program, or with `$ ` where answers stand between. */
export function commandsOf({ text }: Block): readonly string[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n')
  const typed = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  return (typed.length > 0 ? typed : lines)
    .map((line) => line.replace(/(?:^|\s+)# .*$/, '').trim())
    .flatMap((line) => line.split(' && '))
    .filter((line) => PROGRAMS.test(line))
}

/** Words of a command as a shell takes them: quotes hold together, and fall away. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''))
