/** Debian: bash zsh fish */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fishCompletion, zshCompletion } from '../../packaging/completions.ts'
import { programShape } from '../../packaging/program.ts'
import { skipWithout, temporaryFolder } from './built.ts'

const folder = temporaryFolder()
const program = programShape()

test('zsh loads its completion', (context) => {
  if (skipWithout(context, 'zsh')) return
  const file = join(folder, '_wattledger')
  writeFileSync(file, zshCompletion(program))
  execFileSync('zsh', ['-n', file])
  const load = `fpath=(${folder} $fpath); autoload -Uz compinit && compinit -u -d ${folder}/dump; echo $_comps[wattledger]`
  assert.equal(execFileSync('zsh', ['-f', '-c', load], { encoding: 'utf8' }), '_wattledger\n')
})

test('fish completes commands, their commands and their options', (context) => {
  if (skipWithout(context, 'fish')) return
  const file = join(folder, 'wattledger.fish')
  writeFileSync(file, fishCompletion(program))
  const complete = (line: string) =>
    execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C '${line}'`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((candidate) => candidate.split('\t')[0])
  assert.deepEqual(complete('wattledger co'), ['config'])
  assert.deepEqual(complete('wattledger config ').sort(), ['check', 'print', 'schema'])
  assert.deepEqual(complete('wattledger doctor --j'), ['--json'])
})
