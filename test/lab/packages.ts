/** The packages that the guest installs: this checkout's, and one of before. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '../../packaging/release.ts'
import { kept } from './kept.ts'

/** The last commit whose ledger had one schema step. */
const PREVIOUS = '6f02560'
const PREVIOUS_VERSION = '0.0.9'

/** All that enters a package, or decides what does. */
const SOURCES = ['src', 'native', 'packaging', 'scripts', 'systemd', 'config', 'README.md', 'CHANGELOG.md', 'LICENSE']
const MANIFESTS = ['package.json', 'package-lock.json', 'binding.gyp', 'tsconfig.json']

/** @returns a folder with wattledger.deb */
export function presentPackage(): Promise<string> {
  return kept('present', sourceState(), (folder) => {
    const script = join(REPOSITORY, 'scripts/package.ts')
    const args = [script, '--arch', 'amd64', '--kind', 'deb', '--compression', '0', '--out', folder]
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const [deb = 'no package'] = globSync('wattledger_*.deb', { cwd: folder })
    uncompressed(join(folder, deb), join(folder, 'wattledger.deb'))
  })
}

/** Name and hash of each file, committed or not. */
function sourceState(): readonly string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...SOURCES, ...MANIFESTS]
  const files = execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).split('\0').filter(Boolean).sort()
  return files.map((file) => {
    const content = readFileSync(join(REPOSITORY, file))
    return `${file} ${createHash('sha256').update(content).digest('hex')}`
  })
}

/** Builds it as it was then, with its own tools. @returns a folder with previous.deb */
export function previousPackage(): Promise<string> {
  return kept('previous', [PREVIOUS, PREVIOUS_VERSION], (folder) => {
    const tree = join(folder, 'tree')
    execFileSync('sh', ['-c', 'mkdir "$2" && git archive "$1" | tar -x -C "$2"', 'sh', PREVIOUS, tree], {
      cwd: REPOSITORY,
    })
    const manifest = join(tree, 'package.json')
    writeFileSync(
      manifest,
      readFileSync(manifest, 'utf8').replace(/"version": "[^"]+"/, `"version": "${PREVIOUS_VERSION}"`),
    )
    const npm = (...args: readonly string[]) =>
      execFileSync('npm', args, { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'], env })
    const time = ['log', '-1', '--format=%ct', PREVIOUS]
    const SOURCE_DATE_EPOCH = execFileSync('git', time, { cwd: REPOSITORY, encoding: 'utf8' }).trim()
    const env = { ...process.env, SOURCE_DATE_EPOCH }
    npm('ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error')
    npm('run', 'package', '--', '--arch', 'amd64', '--compression', '0', '--out', folder)
    uncompressed(join(folder, `wattledger_${PREVIOUS_VERSION}_amd64.deb`), join(folder, 'previous.deb'))
    rmSync(tree, { recursive: true })
  })
}

/** The same package without compression: unpacking it takes an emulated processor a minute less. */
function uncompressed(deb: string, out: string): void {
  const root = `${out}.root`
  execFileSync('dpkg-deb', ['-R', deb, root])
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, out], { stdio: 'ignore' })
  rmSync(root, { recursive: true })
}
