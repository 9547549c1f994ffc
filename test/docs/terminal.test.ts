import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Answering } from '../top/answering.ts'
import { pastOf, SHOWN } from '../top/machines.ts'
import { pictureOf } from '../top/picture.ts'
import { TerminalProgram } from '../top/terminal.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'src/main.ts')
const PAGE = join(ROOT, 'docs/terminal.md')
const PICTURE = join(ROOT, 'docs/images/top.svg')
const BLOCK = /(```\n\$ wattledger top --once\n)([\s\S]*?)(```)/

function answering(): Answering {
  const agent = new Answering()
  agent.moment = SHOWN
  agent.past = pastOf(SHOWN, 10)
  return agent
}

test('what terminal.md shows of top is what it prints (UPDATE_GOLDEN=1 writes it)', async (t) => {
  const url = await answering().start(t)
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8' }
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'top', '--once', '--url', url], { env })
  const page = readFileSync(PAGE, 'utf8')
  if (process.env.UPDATE_GOLDEN) writeFileSync(PAGE, page.replace(BLOCK, `$1${stdout.replaceAll('$', '$$$$')}$3`))
  assert.equal(BLOCK.exec(page)?.[2], stdout)
})

test('the picture of top is that of its screen (UPDATE_GOLDEN=1 draws it anew)', async (t) => {
  const url = await answering().start(t)
  const program = new TerminalProgram(t, [MAIN, 'top', '--url', url], { columns: 100, rows: 23 })
  // Its past comes after its present, and both come line by line.
  await program.until(({ text }) => /^supply loss .*[▁-█]{4}$/m.test(text) && /^q quit/m.test(text))
  const picture = pictureOf(program.screen, 'wattledger top on a server with eight accelerators')
  program.press('q')
  await program.ended
  if (process.env.UPDATE_GOLDEN) writeFileSync(PICTURE, picture)
  assert.equal(picture, readFileSync(PICTURE, 'utf8'))
})
