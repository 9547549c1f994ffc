import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What every package says of itself. */
export interface Release {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly summary: string
  /** Names that the program has for files beside it. */
  readonly imports: Readonly<Record<string, string>>
  readonly maintainer: string
  /** Of the last commit: the only time that enters a package. https://reproducible-builds.org/specs/source-date-epoch/ */
  readonly epochS: number
  /** Level of xz. 0 is for tests that compare bytes and not sizes. */
  readonly compression: number
}

export const REPOSITORY = resolve(import.meta.dirname, '..')

/** Reads package.json and the last commit. SOURCE_DATE_EPOCH replaces the latter, for a tree without git. */
export function releaseOf(compression: number): Release {
  const { name, version, license, description, imports } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  ) as Pick<Release, 'name' | 'version' | 'license' | 'imports'> & { readonly description: string }
  const epoch =
    process.env.SOURCE_DATE_EPOCH ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: REPOSITORY, encoding: 'utf8' })
  return {
    name,
    version,
    license,
    summary: description.split(':')[0] ?? description,
    imports,
    maintainer: 'Wattledger maintainers <maintainers@wattledger.invalid>',
    epochS: Number(epoch),
    compression,
  }
}
