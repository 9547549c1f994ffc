/** The packages that the guest installs: this checkout's, and one of before. */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARCHITECTURES } from '../../packaging/architecture.ts'
import { REPOSITORY } from '../../packaging/release.ts'
import { keptPackages } from '../packaging/kept-packages.ts'
import { kept } from './kept.ts'

/** The last commit whose ledger had one schema step. */
const PREVIOUS = '6f02560'
const PREVIOUS_VERSION = '0.0.9'

/** @returns a folder with wattledger.deb */
export async function presentPackage(): Promise<string> {
  const architecture = ARCHITECTURES.find(({ name }) => name === 'amd64')
  if (architecture === undefined) throw new Error('no packages for amd64')
  const { deb } = await keptPackages(architecture)
  return kept('present', [deb], (folder) => uncompressed(deb, join(folder, 'wattledger.deb')))
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
