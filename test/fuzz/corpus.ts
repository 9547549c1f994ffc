import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** In git: small, and each for something that no other reaches. */
const KEPT = join(import.meta.dirname, 'corpus')
/** What runs on this machine have found. */
const FOUND = resolve(import.meta.dirname, '../../build/fuzz/corpus')

export function keptCorpus(target: string): readonly { readonly name: string; readonly input: Buffer }[] {
  return inputsIn(join(KEPT, target))
}

export function foundCorpus(target: string): readonly Buffer[] {
  mkdirSync(join(FOUND, target), { recursive: true })
  return inputsIn(join(FOUND, target)).map(({ input }) => input)
}

export function noteFound(target: string, input: Buffer): void {
  writeFileSync(join(FOUND, target, nameOf(input)), input)
}

export function keep(target: string, input: Buffer): void {
  writeFileSync(join(KEPT, target, nameOf(input)), input)
}

function inputsIn(folder: string) {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(folder, name)) }))
}

function nameOf(input: Buffer): string {
  return createHash('sha256').update(input).digest('hex').slice(0, 16)
}
