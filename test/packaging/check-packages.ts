import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import type { Architecture } from '../../packaging/architecture.ts'
import { acceptBuiltinCode } from '../../packaging/builtin-code.ts'
import { leaveOutDeadlockCheck } from '../../packaging/deadlock-check.ts'
import { readLauncher } from '../../packaging/launcher.ts'
import { icuOf } from '../../packaging/small-icu.ts'
import { Host } from '../evidence/agent.ts'
import { bare } from '../evidence/bare.ts'
import { xeon2s } from '../fixtures/machines/rapl.ts'
import { BUILD_TOOLS, builtPackages, type Packages, skipWithout, temporaryFolder, unpack } from './built.ts'
import { pathWithoutNode, runAgent } from './installed.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const LIB = 'usr/lib/wattledger'
/** Compressed for a test, which is a quarter more than for people, who get 25 at most. */
const MAX_MB = 31
const MAX_INSTALLED_MB = 95
/** Of the generated machine, through the addon's reader and the ledger. */
const RAPL_ENERGY = /^wattledger_energy_joules_total\{sensor="rapl",scope="package",device="[^"]+"\} [1-9]/m

/** Declares the tests of one processor's packages. */
export function checkPackages(architecture: Architecture): void {
  const folder = temporaryFolder()
  const path = pathWithoutNode(folder)
  const { name, node, triplet } = architecture
  const isNative = node === process.arch
  let packages: Packages
  let tree: string

  test(`it builds, below ${MAX_MB} MB each`, (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    packages = builtPackages(architecture, folder)
    tree = unpack(packages.deb, join(folder, name, 'deb'))
    for (const file of Object.values(packages)) {
      const sizeMb = statSync(file).size / 1e6
      assert.ok(sizeMb < MAX_MB, `${basename(file)} has ${sizeMb} MB`)
    }
  })

  test('each kind has the files that it should have', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    for (const kind of ['deb', 'rpm', 'tarball'] as const) {
      const root = kind === 'deb' ? tree : unpack(packages[kind], join(folder, name, kind))
      const files = globSync('**/*', { cwd: root, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .filter((file) => !/lib\/wattledger\/(dist|node_modules)\/./.test(file))
      const golden = join(import.meta.dirname, 'golden', `${kind}.txt`)
      assert.equal(`${files.sort().join('\n')}\n`, readFileSync(golden, 'utf8'), kind)
    }
  })

  test('no sources, no tests, nothing of another processor', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    const files = globSync('**/*', { cwd: join(tree, LIB) })
    assert.deepEqual(
      files.filter((file) => /\.(ts|cc|h|map|gyp)$|(^|\/)(node-gyp|node-addon-api|typescript|test)(\/|$)/.test(file)),
      [],
    )
    const addons = files.filter((file) => file.endsWith('.node')).sort()
    const prebuild = `node_modules/better-sqlite3/prebuilds/linux-${node}.node`
    assert.deepEqual(addons, ['build/Release/wattledger.node', prebuild])
    const machine = node === 'x64' ? 'Advanced Micro Devices X86-64' : 'AArch64'
    for (const file of [...addons, 'bin/node']) {
      const header = execFileSync('readelf', ['-h', join(tree, LIB, file)], { encoding: 'utf8' })
      assert.match(header, new RegExp(`Machine: +${machine}`), file)
    }
  })

  test('of each module that is inside, the licence and the version are beside it', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    const bom = JSON.parse(readFileSync(join(tree, 'usr/share/doc/wattledger/sbom.cdx.json'), 'utf8')) as {
      readonly components: readonly { readonly name: string; readonly version: string; readonly purl?: string }[]
    }
    const listed = bom.components.filter(({ purl }) => purl?.startsWith('pkg:npm/'))
    const manifests = globSync('**/node_modules/{*,@*/*}/package.json', { cwd: join(tree, LIB) }).map((file) => {
      const folder = dirname(join(tree, LIB, file))
      assert.ok(globSync('{LICEN[SC]E,licen[sc]e,COPYING,copying}*', { cwd: folder }).length > 0, folder)
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return `${name} ${version}`
    })
    assert.deepEqual(manifests.sort(), listed.map(({ name, version }) => `${name} ${version}`).sort())
    for (const name of ['zod', 'pino-pretty', 'better-sqlite3', 're2js', '@tgwf/co2', 'systeminformation'])
      assert.ok(
        listed.some((component) => component.name === name),
        name,
      )
  })

  test('no file of the program has a letter that would make its text twice as large in memory', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    const files = globSync('dist/*.js', { cwd: join(tree, LIB) })
    assert.ok(files.length > 10)
    const found = files.map((file) => [
      file,
      /.{0,20}[^\0-\xff]/.exec(readFileSync(join(tree, LIB, file), 'utf8'))?.[0],
    ])
    assert.deepEqual(
      found.filter(([, letter]) => letter !== undefined),
      [],
    )
  })

  test('the runtime is the pinned one without its symbols: all that is loaded is the same, but for other languages, a look for deadlocks and the flags of compiled code', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS) || !isNative) return
    const unlooking = join(folder, `${name}-node`)
    copyFileSync(process.execPath, unlooking)
    leaveOutDeadlockCheck(unlooking)
    acceptBuiltinCode(unlooking, readLauncher().flags)
    const files = [join(tree, LIB, 'bin/node'), unlooking] as const
    const [shipped, pinned] = files.map((file, index) => {
      const image = join(folder, `${name}-${index}.image`)
      execFileSync(`${triplet}-objcopy`, ['-O', 'binary', file, image])
      return readFileSync(image)
    })
    assert.ok(shipped && pinned)
    const { offset, size } = icuOf(process.execPath)
    const from = pinned.indexOf(readFileSync(process.execPath).subarray(offset, offset + size))
    assert.ok(shipped.subarray(0, from).equals(pinned.subarray(0, from)))
    assert.ok(shipped.subarray(from + size).equals(pinned.subarray(from + size)))
    assert.ok(statSync(files[0]).size < 0.9 * statSync(files[1]).size)
  })

  test(`where holes are dug, it takes less than ${MAX_INSTALLED_MB} MB of a disk`, (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    execFileSync('fallocate', ['--dig-holes', join(tree, LIB, 'bin/node')])
    const usedMb = Number(execFileSync('du', ['-sk', tree], { encoding: 'utf8' }).split('\t')[0]) * 1.024e-3
    assert.ok(usedMb < MAX_INSTALLED_MB, `${usedMb} MB`)
  })

  test('its binaries ask for no more than Debian 12, Ubuntu 22.04 and RHEL 9 have', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    for (const file of ['bin/node', ...globSync('**/*.node', { cwd: join(tree, LIB) })]) {
      const versions = execFileSync('readelf', ['--version-info', '--wide', join(tree, LIB, file)], {
        encoding: 'utf8',
      })
      assert.ok(newest(versions, /\bGLIBC_2\.(\d+)/g) <= 34, file)
      assert.ok(newest(versions, /\bGLIBCXX_3\.4\.(\d+)/g) <= 29, file)
    }
  })

  test('no file names the folder in which it was built', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    const names = ['wattledger-package-', REPOSITORY].flatMap((text) => ['-e', text])
    const { stdout } = spawnSync('grep', ['-rlF', ...names, tree], { encoding: 'utf8' })
    assert.equal(stdout, '')
  })

  test('the configuration is the one of the checkout, and generated', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    const installed = readFileSync(join(tree, 'etc/wattledger/wattledger.yaml'), 'utf8')
    assert.equal(installed, readFileSync(join(REPOSITORY, 'config/wattledger.yaml'), 'utf8'))
    const conffiles = execFileSync('dpkg-deb', ['-I', packages.deb, 'conffiles'], { encoding: 'utf8' })
    assert.equal(conffiles, '/etc/wattledger/wattledger.yaml\n')
  })

  test('lintian and rpmlint find no error', (context) => {
    if (skipWithout(context, ...BUILD_TOOLS, 'lintian', 'rpmlint', 'man')) return
    const lintian = spawnSync('lintian', ['--fail-on', 'error,warning', '--allow-root', packages.deb], {
      encoding: 'utf8',
    })
    assert.equal(lintian.status, 0, lintian.stdout)
    const config = join(REPOSITORY, 'packaging/rpm/rpmlint.toml')
    const rpmlint = spawnSync('rpmlint', ['--config', config, packages.rpm], { encoding: 'utf8' })
    assert.match(rpmlint.stdout, / 0 errors,/, rpmlint.stdout)
  })

  test('the agent starts from the unpacked package and is scraped', async (context) => {
    const emulator = `qemu-${architecture.rpm}-static`
    if (skipWithout(context, ...BUILD_TOOLS, ...(isNative ? [] : [emulator]))) return
    await using host = new Host({ ...bare, ...xeon2s })
    const lib = join(tree, LIB)
    const script = readFileSync(join(tree, 'usr/bin/wattledger'), 'utf8')
    const flags = /^exec "\$lib\/bin\/node" (.*) "\$lib/m.exec(script)?.[1]?.split(' ') ?? assert.fail(script)
    const emulated = [
      emulator,
      '-L',
      `/usr/${triplet}`,
      join(lib, 'bin/node'),
      ...flags,
      join(lib, 'dist/main.js'),
    ] as const
    const command = isNative ? ([join(tree, 'usr/bin/wattledger')] as const) : emulated
    const env = { PATH: isNative ? path : '/usr/bin' }
    const { metrics, exitCode } = await runAgent([...command], host.configFile, env, RAPL_ENERGY)
    assert.match(metrics, /^wattledger_build_info\{/m)
    assert.equal(exitCode, 0)
  })

  test('the archive runs wherever it is put, and through a link', async (context) => {
    if (skipWithout(context, ...BUILD_TOOLS)) return
    if (!isNative) return context.skip('its script starts programs of another processor')
    const moved = join(folder, 'some where/else')
    mkdirSync(dirname(moved), { recursive: true })
    // What an earlier test has unpacked, so that it runs from a third place.
    renameSync(join(folder, name, 'tarball'), moved)
    const link = join(path, 'wattledger')
    execFileSync('ln', ['-s', join(moved, 'bin/wattledger'), link])
    await using host = new Host({ ...bare, ...xeon2s })
    const { metrics, exitCode } = await runAgent([link], host.configFile, { PATH: path }, RAPL_ENERGY)
    assert.match(metrics, /^wattledger_sensor_up\{sensor="rapl"\} 1$/m)
    assert.equal(exitCode, 0)
  })
}

function newest(text: string, minor: RegExp): number {
  return Math.max(0, ...[...text.matchAll(minor)].map((match) => Number(match[1])))
}
