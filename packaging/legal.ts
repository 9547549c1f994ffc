import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REPOSITORY, type Release } from './release.ts'

/** Debian's machine-readable copyright file, for our code and for each module that the package carries. */
export function copyrightFile(modules: string, { name, maintainer }: Release): string {
  const head = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${name}`,
    `Upstream-Contact: ${maintainer}`,
    '',
    'Files: *',
    'Copyright: the authors of wattledger',
    'License: Apache-2.0',
    ' On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.',
    '',
    'Files: usr/lib/wattledger/bin/node',
    'Copyright: Node.js contributors and others',
    'License: Node.js',
    ' All texts are in /usr/lib/wattledger/LICENSE.node.',
  ]
  return `${[...head, ...moduleStanzas(modules)].join('\n')}\n`
}

function moduleStanzas(modules: string): readonly string[] {
  return globSync('{*,@*/*,*/node_modules/*}/package.json', { cwd: modules })
    .sort()
    .flatMap((manifest) => {
      const folder = dirname(manifest)
      const { license } = JSON.parse(readFileSync(join(modules, manifest), 'utf8')) as { license?: string }
      const [file] = globSync('{LICENSE,LICENCE,license,COPYING}*', { cwd: join(modules, folder) })
      const text = file === undefined ? '' : readFileSync(join(modules, folder, file), 'utf8')
      const holders = text.match(/^\W*copyright\b.*\d.*$/gim)?.map((line) => line.trim()) ?? [
        `the authors of ${folder}`,
      ]
      return [
        '',
        `Files: usr/lib/wattledger/node_modules/${folder}/*`,
        `Copyright: ${holders.join('\n ')}`,
        `License: ${license ?? 'unknown'}-${folder.replaceAll('/', '-')}`,
        ...(text === '' ? [` ${license ?? 'unknown'}`] : text.trim().split('\n').map(indented)),
      ]
    })
}

function indented(line: string): string {
  return line.trim() === '' ? ' .' : ` ${line.trimEnd()}`
}

/** Debian's changelog, from the first section of ours. */
export function debianChangelog({ name, version, maintainer, epochS }: Release): string {
  const [, section = ''] = readFileSync(join(REPOSITORY, 'CHANGELOG.md'), 'utf8').split(/^## .*$/m)
  const items = section.trim().split(/\n(?=- )/)
  const lines = items.map((item) => item.replace(/^- /, '  * ').replaceAll(/\n\s*/g, '\n    '))
  const date = new Date(epochS * 1e3).toUTCString().replace('GMT', '+0000')
  return `${name} (${version}) stable; urgency=medium\n\n${lines.join('\n')}\n\n -- ${maintainer}  ${date}\n`
}
