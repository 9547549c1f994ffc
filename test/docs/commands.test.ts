import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { createProgram } from '../../src/commands/program.ts'
import { program } from '../commands/export-setting.ts'
import { allOf, commandsOf, wordsOf } from './blocks.ts'
import { twoWeekends } from './two-weekends.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Commands that need more than a ledger, by the test or the step of CI that runs the same. */
const RUN_BY: readonly (readonly [command: RegExp, by: string])[] = [
  [/^npm (?:ci|start|test)$/, '.ci/readme'],
  [/^\.ci\/run$/, '.ci/run'],
  [/^npm run package$/, 'test/packaging/setup.ts'],
  [/^apt install \S+\.deb$/, 'test/packaging/lifecycle.system.ts'],
  [/^(?:npm run -s )?wattledger (?:-- )?doctor$/, 'test/evidence/doctor.test.ts'],
  [/^(?:ssh gpu-04 -t )?wattledger top/, 'test/docs/terminal.test.ts'],
  [/^wattledger fleet check /, 'test/fleet/check.system.ts'],
  [/^wattledger fleet report /, 'test/fleet/report.system.ts'],
  [/^wattledger fleet match /, 'test/fleet/match/command.test.ts'],
  [/^wattledger exec /, 'test/windows/exec.system.ts'],
  [/^curl --unix-socket /, 'test/windows/page.system.ts'],
  [/^curl "?http:\/\/localhost:10910\/api\/v1\//, 'test/docs/page.test.ts'],
  [
    /^(?:cp -r \/usr\/share\/doc\/wattledger\/prometheus\/|promtool check config )/,
    'test/exporter/rules/rules.system.ts',
  ],
  [/^wattledger fleet rules /, 'test/fleet/levels.test.ts'],
  [/^wattledger export .*--label /s, 'test/fleet/backfill.system.ts'],
  [/^wattledger fleet allocate /, 'test/fleet/allocate/command.test.ts'],
  [/^promtool tsdb create-blocks-from openmetrics /, 'test/commands/export.system.ts'],
  [/^(?:ssh-keygen -Y verify|openssl ts|sed -n|gzip -dc) /, 'test/seal/page.test.ts'],
  [/^sqlite3 -readonly -column -header /, 'test/docs/cookbook.test.ts'],
  [
    /^(?:sqlite3 -readonly \S+ ['"](?:VACUUM|PRAGMA)|tar |install -o|systemctl st(?:op|art) )/,
    'test/ledger/backup.system.ts',
  ],
  [/^systemctl restart wattledger$/, 'test/systemd/service.system.ts'],
  [/^(?:curl --silent|sqlite3 -readonly -column -header) /, 'test/evidence/getting-started.system.ts'],
]

/** Commands that no test runs, and why; that their script is there is checked. */
const NOT_RUN: readonly (readonly [command: RegExp, why: string])[] = [
  [
    /^npm run (?:fit|validate) -- /,
    'needs measurements that are not in the repository; test/sensors/estimate/fit.system.ts fits extracts',
  ],
  [/^npm run bench -- /, 'takes minutes of a quiet machine'],
  [/^npm run [\w:]+$/, 'a step of CI, or writes into the checkout what a test holds against it'],
]

const fenced = [...allOf(''), ...allOf('sh')].flatMap((block) =>
  commandsOf(block).map((command) => ({ page: block.page, command })),
)
const isOurs = (command: string): boolean => command.startsWith('wattledger ')

test('each command of the documents is run here or where the list says', async (t) => {
  const folder = await twoWeekends(t)
  const run = program(folder)
  let runHere = 0
  for (const { page, command } of fenced) {
    if ([...RUN_BY, ...NOT_RUN].some(([pattern]) => pattern.test(command))) continue
    assert.ok(isOurs(command), `${page}: nothing runs ${command}`)
    const [, ...words] = wordsOf(command)
    const out = words.indexOf('--out') + 1
    if (out > 0) words[out] = join(folder, `${runHere}-${words[out]}`)
    const { status, stderr } = await run(...words)
    assert.equal(status, 0, `${page}: ${command}\n${stderr}`)
    if (out > 0) assert.ok(readFileSync(words[out] ?? '').length > 100, command)
    runHere += 1
  }
  assert.ok(fenced.length > 50 && runHere >= 5, `${fenced.length} commands, ${runHere} run here`)
})

test('each line of the list is needed, and names what there is', () => {
  for (const [pattern] of [...RUN_BY, ...NOT_RUN]) {
    assert.ok(
      fenced.some(({ command }) => pattern.test(command)),
      `no document has ${pattern}`,
    )
  }
  for (const [, by] of RUN_BY) assert.ok(existsSync(join(ROOT, by)), by)
})

test('each script that a document names is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
  const named = [...fenced, ...allOf('inline').map(({ page, text }) => ({ page, command: text }))].flatMap(
    ({ page, command }) =>
      [...command.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => ({ page, name })),
  )
  assert.ok(named.length > 20)
  for (const { page, name } of named) assert.ok(name in scripts, `${page}: npm run ${name}`)
})

test('each command of ours, in a sentence too, is one with options that it has', async () => {
  const inline = allOf('inline').flatMap((block) => commandsOf(block).map((command) => ({ page: block.page, command })))
  let parsed = 0
  for (const { page, command } of [...fenced, ...inline].filter(({ command }) => isOurs(command))) {
    const [, ...words] = wordsOf(command)
    const silent = { writeErr: () => {} }
    const ours = createProgram('1.2.3', async () => {
      parsed += 1
    }).configureOutput(silent)
    for (const { commands } of [ours, ...ours.commands]) for (const one of commands) one.configureOutput(silent)
    await assert.doesNotReject(ours.parseAsync(words, { from: 'user' }), `${page}: ${command}`)
  }
  assert.ok(parsed > 30, `${parsed}`)
})
