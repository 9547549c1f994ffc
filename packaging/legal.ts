import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MODULES } from './dependencies.ts'
import { REPOSITORY, type Release } from './release.ts'

const APACHE = ' On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.'
/** Columns of a changelog's text. */
const WIDTH = 76

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
    APACHE,
    '',
    'Files: usr/lib/wattledger/bin/node',
    'Copyright: Node.js contributors and others',
    'License: Node.js',
    ' All texts are in /usr/lib/wattledger/LICENSE-node.',
    'Comment: As its authors publish it, but without its symbols, with English as the',
    ' only language of its ICU, without a look for deadlocks in V8, and with its own',
    ' compiled code marked as compiled with the flags that it is started with.',
    '',
    'Files: usr/lib/wattledger/dist/*',
    'Copyright: the authors of wattledger, and those of the modules below',
    'License: Apache-2.0',
    APACHE,
    'Comment: Each module of usr/lib/wattledger/node_modules is in these files, or',
    ' beside them, under the licence in its folder. Figures of processors and',
    ' servers are facts from Intel ARK, AMD and spec.org, the former as collected in',
    ' mlco2/codecarbon (MIT).',
  ]
  return `${[...head, ...moduleStanzas(modules)].join('\n')}\n`
}

function moduleStanzas(modules: string): readonly string[] {
  return globSync(`${MODULES}/package.json`, { cwd: modules })
    .sort()
    .flatMap((manifest) => {
      const folder = dirname(manifest)
      const { license } = JSON.parse(readFileSync(join(modules, manifest), 'utf8')) as { license: string }
      const [file] = globSync('{LICENSE,LICENCE,license,COPYING}*', { cwd: join(modules, folder) })
      const text = file === undefined ? '' : readFileSync(join(modules, folder, file), 'utf8')
      const holders = text.match(/^\W*copyright\b.*\d.*$/gim)?.map((line) => line.trim()) ?? [
        `the authors of ${folder}`,
      ]
      return [
        '',
        `Files: usr/lib/wattledger/node_modules/${folder}/*`,
        `Copyright: ${holders.join('\n ')}`,
        `License: ${license}-${folder.replaceAll('/', '-')}`,
        ...(license === 'Apache-2.0' ? [APACHE] : text.trim().split('\n').map(indented)),
      ]
    })
}

function indented(line: string): string {
  return line.trim() === '' ? ' .' : ` ${line.trimEnd()}`
}

/** Debian's changelog, from the first section of ours. */
export function debianChangelog({ name, version, maintainer, epochS }: Release): string {
  const lines = changes().flatMap((change) => wrapped(change, '  * ', '    '))
  const date = new Date(epochS * 1e3).toUTCString().replace('GMT', '+0000')
  return `${name} (${version}) stable; urgency=medium\n\n${lines.join('\n')}\n\n -- ${maintainer}  ${date}\n`
}

/** rpm's, from the same section. */
export function rpmChangelog({ version, maintainer, epochS }: Release): string {
  const [day, date, month, year] = new Date(epochS * 1e3).toUTCString().replace(',', '').split(' ')
  const lines = changes().flatMap((change) => wrapped(change, '- ', '  '))
  return `* ${day} ${month} ${date} ${year} ${maintainer} - ${version}-1\n${lines.join('\n')}\n`
}

/** Changes of the newest version, each on one line. */
function changes(): readonly string[] {
  const [, section = ''] = readFileSync(join(REPOSITORY, 'CHANGELOG.md'), 'utf8').split(/^## .*$/m)
  return section
    .replaceAll(/^### .*$/gm, '')
    .trim()
    .split(/\n(?=- )/)
    .map((item) => item.replace(/^- /, '').trim().replaceAll(/\s+/g, ' '))
}

function wrapped(text: string, first: string, next: string): readonly string[] {
  const lines: string[] = []
  let line = first
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd())
      line = next
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
