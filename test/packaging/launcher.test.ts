import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLauncher } from '../../packaging/launcher.ts'
import { REPOSITORY } from '../../packaging/release.ts'

test('npm start starts Node as packages do', () => {
  const { flags, env } = readLauncher()
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  assert.ok(flags.length > 0 && variables.length > 0)
  const command = [...variables, 'exec node', ...flags, 'src/main.ts agent'].join(' ')
  assert.equal(scripts.start.split(' && ').at(-1), command)
})
