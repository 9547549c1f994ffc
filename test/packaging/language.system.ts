/** Debian: icu-devtools rpm rpm2cpio cpio g++-aarch64-linux-gnu qemu-user-static */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ARCHITECTURES, type Architecture } from '../../packaging/architecture.ts'
import { icuOf, keepEnglish } from '../../packaging/small-icu.ts'
import { BUILD_TOOLS, builtPackages, skipWithout, temporaryFolder, unpack } from './built.ts'

interface Told {
  readonly known: Readonly<Record<string, object>>
  /** A time, for people of five languages. */
  readonly others: readonly string[]
  readonly byItself: readonly string[]
}

const folder = temporaryFolder()
const PROBE = join(import.meta.dirname, 'language-probe.ts')
/** What it says by itself is English there, or of no language, and so it was. */
const SAME = ['en_GB.UTF-8', 'C', 'POSIX', '', '../nonsense', undefined]
const OTHER = ['de_DE.UTF-8', 'tr_TR.UTF-8', 'ar', 'ja_JP.UTF-8', 'zh_CN@euro']

async function asked(command: readonly string[], language: string | undefined): Promise<Told> {
  const [program = '', ...args] = [...command, PROBE]
  const env = { PATH: '/usr/bin', TZ: 'UTC', ...(language === undefined ? {} : { LANG: language, LC_ALL: language }) }
  const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 1 << 24 })
  return JSON.parse(stdout)
}

/** Of the package, as this machine can run it. */
function nodeOf(architecture: Architecture): readonly string[] {
  const tree = join(folder, architecture.name)
  const node = join(tree, 'usr/lib/wattledger/bin/node')
  if (!existsSync(node)) unpack(builtPackages(architecture, folder).deb, tree)
  if (architecture.node === process.arch) return [node]
  return [`qemu-${architecture.rpm}-static`, '-L', `/usr/${architecture.triplet}`, node]
}

for (const architecture of ARCHITECTURES) {
  const isNative = architecture.node === process.arch
  const tools = isNative ? BUILD_TOOLS : [...BUILD_TOOLS, `qemu-${architecture.rpm}-static`]

  test(`${architecture.name}: the runtime knows of English, and of what has no language, all that the pinned one knows`, async (context) => {
    if (skipWithout(context, ...tools)) return
    const node = nodeOf(architecture)
    for (const language of isNative ? SAME : ['C']) {
      const [own, pinned] = await Promise.all([asked(node, language), asked([process.execPath], language)])
      assert.ok(Object.keys(own.known.zones ?? {}).length > 400)
      assert.deepEqual(own.known, pinned.known, language)
      assert.deepEqual(own.byItself, pinned.byItself, language)
      assert.equal(new Set(own.others).size, 1, 'whoever asks for another language gets that of the machine')
      assert.notDeepEqual(own.others, pinned.others)
    }
  })

  test(`${architecture.name}: where people speak another language, English is as it was, and the rest has no words`, async (context) => {
    if (skipWithout(context, ...tools)) return
    const node = nodeOf(architecture)
    for (const language of isNative ? OTHER : ['de_DE.UTF-8']) {
      const [own, pinned] = await Promise.all([asked(node, language), asked([process.execPath], language)])
      assert.deepEqual(own.known, pinned.known, language)
      assert.match(own.byItself[1] ?? '', /^1970-01-01 (00:00:00|12:00:00 AM)$/, language)
      for (const said of own.byItself.slice(0, -2)) assert.match(said, /^[ -~]+$/, language)
      assert.deepEqual(own.byItself.slice(-1), pinned.byItself.slice(-1), 'the Turkish I has no table')
    }
  })
}

/** A library that has `data` where Node has ICU's. */
function withIcu(name: string, data: string): string {
  const [source, file] = [join(folder, `${name}.s`), join(folder, `${name}.so`)]
  const symbol = ['.globl icudt99_dat', '.type icudt99_dat, %object', 'icudt99_dat:', `.incbin "${data}"`]
  writeFileSync(source, ['.section .rodata', ...symbol, '.size icudt99_dat, . - icudt99_dat', ''].join('\n'))
  execFileSync('cc', ['-shared', '-nostdlib', '-o', file, source])
  return file
}

test('a runtime whose ICU is not as it is known here is left as it is, and no package is made', (context) => {
  if (skipWithout(context, 'genrb', 'cc')) return
  const { name, offset, size } = icuOf(process.execPath)
  const [whole, half, without] = [name, 'half.dat', 'icudt99l.dat'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ]
  writeFileSync(whole, readFileSync(process.execPath).subarray(offset, offset + size))
  writeFileSync(half, readFileSync(whole).subarray(0, size / 2))
  execFileSync('icupkg', ['--remove', 'metaZones.res', whole, without], { env: { PATH: '/usr/bin:/usr/sbin' } })
  for (const [program, fault] of [
    ['/bin/true', /^\/bin\/true: no symbol icudt…_dat says where the data of ICU are$/],
    [withIcu('nonsense', '/etc/passwd'), /icupkg/],
    [withIcu('half', half), /icupkg/],
    [withIcu('without', without), /without\.so: of ICU's data metaZones\.res would be missing$/],
  ] as const) {
    const before = readFileSync(program)
    assert.throws(() => keepEnglish(program, join(folder, `work-${basename(program)}`)), { message: fault })
    assert.ok(readFileSync(program).equals(before))
  }
})
