/**
 * Builds the packages: node scripts/package.ts [--arch amd64|arm64|all] [--kind deb|rpm|tarball|all] [--out DIR]. See
 * packaging/README.md.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { architecturesOf } from '../packaging/architecture.ts'
import { buildDeb } from '../packaging/deb.ts'
import { REPOSITORY, releaseOf } from '../packaging/release.ts'
import { buildRpm } from '../packaging/rpm.ts'
import { buildTarball } from '../packaging/tarball.ts'
import { buildTree } from '../packaging/tree.ts'

const KINDS = { deb: buildDeb, rpm: buildRpm, tarball: buildTarball }

const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: 'all' },
    kind: { type: 'string', default: 'all' },
    out: { type: 'string', default: join(REPOSITORY, 'build/packages') },
    /** Level of xz, 0 to 9. */
    compression: { type: 'string', default: '9' },
  },
})
const out = resolve(values.out)
const builds = Object.entries(KINDS).flatMap(([kind, build]) => ([kind, 'all'].includes(values.kind) ? build : []))
if (builds.length === 0)
  throw new Error(`expected --kind ${Object.keys(KINDS).join(', ')} or all, received ${values.kind}`)
const release = releaseOf(Number(values.compression))
mkdirSync(out, { recursive: true })
for (const architecture of architecturesOf(values.arch)) {
  const work = mkdtempSync(join(tmpdir(), 'wattledger-package-'))
  try {
    const tree = await buildTree(architecture, release, work)
    for (const build of builds) {
      const file = build(tree, architecture, release, work, out)
      console.log(`${basename(file)} ${(statSync(file).size / 1e6).toFixed(1)} MB`)
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
