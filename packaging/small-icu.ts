import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findSymbol, type Variable } from './symbol.ts'

/** Texts of one language or country, such as `curr/de_AT.res`; what is of none has a longer name. */
const LOCALE = /^(?:\w+\/)?(?!res_index)([a-z]{2,3})(?:_\w*)?\.res$/
/**
 * Tables of other encodings, words of languages that write no spaces, transliteration, names that look alike, the names of
 * characters, profiles of strings: nothing here asks for them, and what remains does not need them.
 */
const UNUSED = /\.(?:cnv|dict|cfu|spp)$|_cj\.brk$|^translit\/|^unames\.icu$/
/** As browsers decode it. */
const LATIN_1 = /^ibm-5348_.*\.cnv$/
const INDEX = 'res_index.res'
const BREAKS = 'brkitr/root.res'
const NEEDED: readonly string[] = [
  ...['', 'coll/', 'curr/', 'lang/', 'region/', 'unit/', 'zone/'].flatMap((tree) => [tree + INDEX, `${tree}en.res`]),
  ...['root.res', 'coll/root.res', BREAKS, 'supplementalData.res', 'metaZones.res', 'zoneinfo64.res', 'uts46.nrm'],
]

/**
 * Leaves of the languages of Node's ICU English alone, as Node's own option `small-icu` does: less data lie where all of
 * them lay, then zeros, which compress to nothing and need no place on a disk. No other byte changes.
 * @param work a folder that does not exist
 * @throws Error if the data are not found, or are not as this file knows them
 */
export function keepEnglish(node: string, work: string): void {
  const { name, offset, size } = icuOf(node)
  const program = readFileSync(node)
  const place = program.subarray(offset, offset + size)
  const whole = join(work, 'whole', name)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, place)
  const small = repack(whole, work)
  const data = readFileSync(small)
  const names = listed(small)
  const missing = NEEDED.filter((needed) => !names.includes(needed))
  if (missing.length > 0) throw new Error(`${node}: of ICU's data ${missing.join(', ')} would be missing`)
  // English is a ninth.
  if (data.length > size / 4) throw new Error(`${node}: of ICU's ${size} bytes ${data.length} would stay`)
  place.fill(0)
  place.set(data)
  writeFileSync(node, program)
}

/** Where ICU's data lie in a program, by the symbol that it finds them by itself. The names inside begin with that of the file. */
export function icuOf(node: string): Variable {
  const found = findSymbol(node, 'GLOBAL', '.rodata', 'icudt\\d+_dat')
  if (found === undefined) throw new Error(`${node}: no symbol icudt…_dat says where the data of ICU are`)
  // Both processors are little-endian.
  return { ...found, name: found.name.replace('_dat', 'l.dat') }
}

function listed(data: string): readonly string[] {
  return tool('icupkg', '--list', data).trim().split('\n')
}

/** Without what is not kept. icupkg refuses where something that stays needs something that goes. */
function repack(whole: string, work: string): string {
  const names = listed(whole)
  const kept = names.filter(isKept)
  const changed = kept.filter((name) => basename(name) === INDEX || name === BREAKS)
  const [removals, changes] = ['removed.txt', 'changed.txt'].map((name) => join(work, name)) as [string, string]
  writeFileSync(removals, lines(names.filter((name) => !isKept(name))))
  writeFileSync(changes, lines(changed))
  tool('icupkg', '--extract', changes, '--destdir', work, whole)
  for (const name of changed) {
    const folder = join(work, dirname(name))
    const text = name === BREAKS ? withoutDictionaries(folder) : indexOf(dirname(name), kept)
    const source = join(folder, name === BREAKS ? 'root.txt' : 'res_index.txt')
    writeFileSync(source, text)
    tool('genrb', '--quiet', '--sourcedir', folder, '--destdir', folder, basename(source))
  }
  const small = join(work, basename(whole))
  tool('icupkg', '--remove', removals, '--sourcedir', work, '--add', changes, whole, small)
  return small
}

function isKept(name: string): boolean {
  const [, language = 'en'] = LOCALE.exec(name) ?? []
  return language === 'en' && (!UNUSED.test(name) || LATIN_1.test(name))
}

/** A language that is named here and not there would be shown as root, which has no words. */
function indexOf(tree: string, kept: readonly string[]): string {
  const locales = kept.filter((name) => LOCALE.test(name) && dirname(name) === tree)
  const entries = locales.map((name) => `${basename(name, '.res')} {""}`)
  return `res_index:table(nofallback) { InstalledLocales { ${entries.join(' ')} } }\n`
}

/** The rules of where words and lines end name their dictionaries, each on a line of its own. */
function withoutDictionaries(folder: string): string {
  return tool('derb', '--to-stdout', '--sourcedir', folder, 'root.res').replaceAll(/^.*\.dict".*\n/gm, '')
}

function lines(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('')
}

/** Debian has icupkg where only the administrator looks. */
function tool(name: string, ...args: readonly string[]): string {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  return execFileSync(name, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] })
}
