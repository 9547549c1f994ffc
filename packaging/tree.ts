import { chmodSync, cpSync, globSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { commentedYaml } from '../src/config/document.ts'
import { compileAddon } from './addon.ts'
import type { Architecture } from './architecture.ts'
import { acceptBuiltinCode } from './builtin-code.ts'
import { bundle } from './bundle.ts'
import { bashCompletion, fishCompletion, zshCompletion } from './completions.ts'
import { leaveOutDeadlockCheck } from './deadlock-check.ts'
import { installDependencies, pruneDependencies } from './dependencies.ts'
import { readLauncher } from './launcher.ts'
import { commandManual, configurationManual } from './manual.ts'
import { programShape } from './program.ts'
import { REPOSITORY, type Release } from './release.ts'
import { fetchRuntime } from './runtime.ts'
import { billOfMaterials } from './sbom.ts'
import { keepEnglish } from './small-icu.ts'
import { strip } from './strip.ts'

const LIB = 'usr/lib/wattledger'
const GZIP_LEVEL = 9

/**
 * Builds what a server gets below its root, the same for each kind of package.
 * @param work an empty folder, whose name leaves no trace in the result
 * @returns the root of the tree
 */
export async function buildTree(architecture: Architecture, release: Release, work: string): Promise<string> {
  const root = join(work, 'tree')
  const sources = join(work, 'sources')
  const runtime = fetchRuntime(architecture, join(work, 'runtime'))
  installDependencies(sources)
  const addon = compileAddon(architecture, sources, runtime)
  // From a folder that has no more than what the lockfile says.
  cpSync(join(REPOSITORY, 'src'), join(sources, 'src'), { recursive: true })
  const bundled = bundle(sources, join(root, LIB, 'dist'))
  const carried = pruneDependencies(sources, bundled, architecture)
  const copy = (from: string, to: string) => cpSync(from, join(root, to), { recursive: true })
  copy(join(runtime, 'bin/node'), `${LIB}/bin/node`)
  // By a symbol.
  leaveOutDeadlockCheck(join(root, LIB, 'bin/node'))
  acceptBuiltinCode(join(root, LIB, 'bin/node'), readLauncher().flags)
  strip(architecture, join(root, LIB, 'bin/node'))
  keepEnglish(join(root, LIB, 'bin/node'), join(work, 'icu'))
  copy(join(runtime, 'LICENSE'), `${LIB}/LICENSE-node`)
  copy(join(sources, 'node_modules'), `${LIB}/node_modules`)
  copy(addon, `${LIB}/build/Release/wattledger.node`)
  const main = `${LIB}/dist/main.js`
  // It is called through bin/wattledger; a Node of the system must not run it.
  write(root, main, readFileSync(join(root, main), 'utf8').replace(/^#!.*\n/, ''))
  const { name, version, license, imports } = release
  const manifest = { name, version, license, type: 'module', imports }
  write(root, `${LIB}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`)
  installIntegration(root, copy)
  await writeDocumentation(root, release)
  write(root, 'usr/share/doc/wattledger/sbom.cdx.json', billOfMaterials(root, carried, architecture, release))
  settleTree(root, release)
  return root
}

type Copy = (from: string, to: string) => void

/** What the system around the program reads. */
function installIntegration(root: string, copy: Copy): void {
  const systemd = join(REPOSITORY, 'systemd')
  copy(join(REPOSITORY, 'packaging/bin/wattledger'), 'usr/bin/wattledger')
  copy(join(systemd, 'wattledger.service'), 'usr/lib/systemd/system/wattledger.service')
  copy(join(systemd, 'sysusers.d'), 'usr/lib/sysusers.d')
  copy(join(systemd, 'modules-load.d'), 'usr/lib/modules-load.d')
  copy(join(systemd, 'udev'), 'usr/lib/udev/rules.d')
  copy(join(systemd, 'drop-ins'), 'usr/share/doc/wattledger/drop-ins')
  copy(join(REPOSITORY, 'config/prometheus'), 'usr/share/doc/wattledger/prometheus')
  copy(join(REPOSITORY, 'config/grafana'), 'usr/share/doc/wattledger/grafana')
  // The README and --help lead to them; pictures, measurements and decisions are for those who have the repository.
  for (const page of globSync(['*.md', 'examples/*', 'api/*'], { cwd: join(REPOSITORY, 'docs') }))
    copy(join(REPOSITORY, 'docs', page), `usr/share/doc/wattledger/docs/${page}`)
  copy(join(REPOSITORY, 'README.md'), 'usr/share/doc/wattledger/README.md')
  write(root, 'etc/wattledger/wattledger.yaml', commentedYaml())
}

async function writeDocumentation(root: string, release: Release): Promise<void> {
  const program = programShape()
  write(root, 'usr/share/man/man8/wattledger.8.gz', zipped(commandManual(program, release)))
  write(root, 'usr/share/man/man5/wattledger.yaml.5.gz', zipped(configurationManual(release)))
  write(root, 'usr/share/bash-completion/completions/wattledger', bashCompletion(program))
  write(root, 'usr/share/zsh/site-functions/_wattledger', zshCompletion(program))
  write(root, 'usr/share/fish/vendor_completions.d/wattledger.fish', fishCompletion(program))
}

/** Writes a file and the folders above it. */
export function write(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** gzip without a name or a time. */
export function zipped(text: string): Uint8Array {
  return gzipSync(text, { level: GZIP_LEVEL })
}

const EXECUTABLE: readonly string[] = ['usr/bin/wattledger', `${LIB}/bin/node`]

/** Makes modes and times the same on whatever machine and at whatever time the tree was built. */
export function settleTree(root: string, { epochS }: Pick<Release, 'epochS'>, folder = ''): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) settleTree(root, { epochS }, path)
    else settle(join(root, path), EXECUTABLE.includes(path) ? 0o755 : 0o644, epochS)
  }
  settle(join(root, folder), 0o755, epochS)
}

function settle(path: string, mode: number, epochS: number): void {
  chmodSync(path, mode)
  utimesSync(path, epochS, epochS)
}
