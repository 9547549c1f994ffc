import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Architecture } from './architecture.ts'
import { copyrightFile } from './legal.ts'
import type { Release } from './release.ts'
import { write } from './tree.ts'

/** The tree without its root: bin, lib and share, wherever they are unpacked, and etc. Returns the archive's path. */
export function buildTarball(
  tree: string,
  { name }: Architecture,
  release: Release,
  work: string,
  out: string,
): string {
  const top = `${release.name}-${release.version}-linux-${name}`
  const root = join(work, top)
  execFileSync('cp', ['-al', join(tree, 'usr'), root])
  execFileSync('cp', ['-al', join(tree, 'etc'), join(root, 'etc')])
  const modules = join(root, 'lib/wattledger/node_modules')
  write(root, 'share/doc/wattledger/copyright', copyrightFile(modules, release))
  const file = join(out, `${top}.tar.xz`)
  const same = [
    '--sort=name',
    '--format=gnu',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${release.epochS}`,
  ]
  const compressor = `--use-compress-program=xz -${release.compression} --threads=1`
  execFileSync('tar', ['-c', ...same, compressor, '-f', file, '-C', work, top])
  return file
}
