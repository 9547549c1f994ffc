import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')

test('zod comes without its messages in other languages, and with those in English', () => {
  const program = `
    import { leaveOutLocales } from './src/commands/leave-out-locales.ts'
    leaveOutLocales()
    const z = await import('zod')
    const [issue] = z.number().safeParse('x').error.issues
    console.log(JSON.stringify([Object.keys(z.locales), issue.message]))`
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
  assert.deepEqual(JSON.parse(told), [[], 'Invalid input: expected number, received string'])
})
