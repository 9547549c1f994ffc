import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { colouredText, plainText } from '../../src/top/ansi.ts'
import { glyphsFor } from '../../src/top/glyphs.ts'
import { type Size, screenOf, type View } from '../../src/top/screen.ts'
import { columnsOf } from '../../src/top/text.ts'
import { MACHINES, viewOf } from './machines.ts'

const GOLDEN = join(import.meta.dirname, 'golden')
const UTF8 = glyphsFor({ LANG: 'C.UTF-8' })
const ASCII = glyphsFor({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })

function drawn(view: View, size: Size, glyphs = UTF8): string {
  const { lines } = screenOf(view, size, glyphs)
  assert.ok(lines.length <= size.rows, `${lines.length} lines`)
  const texts = lines.map(plainText)
  for (const text of texts) assert.ok(columnsOf(text) <= size.columns, `${columnsOf(text)} columns: ${text}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of a name may be obeyed
  for (const text of texts) assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f]|NaN|Infinity|undefined/)
  return `${texts.join('\n')}\n`
}

const SIZES = [
  [80, 24],
  [120, 40],
  [40, 10],
] as const

for (const [name, moment] of Object.entries(MACHINES)) {
  test(`the screens of a machine: ${name}`, () => {
    const whole = SIZES.map(([columns, rows]) => {
      const ruler = `${'-'.repeat(columns)} ${columns} x ${rows}\n`
      return ruler + drawn(viewOf(moment), { columns, rows })
    }).join('')
    const file = join(GOLDEN, `${name}.txt`)
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(GOLDEN, { recursive: true })
      writeFileSync(file, whole)
    }
    assert.equal(whole, readFileSync(file, 'utf8'), 'run this test with UPDATE_GOLDEN=1 to write it anew')
  })
}

test('no size, however small, is overrun, and none hides the power', () => {
  for (const moment of [null, ...Object.values(MACHINES)]) {
    for (const problem of [null, 'db-17:10910: no answer within 5 s']) {
      for (let columns = 1; columns <= 130; columns += 7) {
        for (const rows of [1, 2, 5, 15, 16, 17, 60]) {
          for (const glyphs of [UTF8, ASCII]) {
            const text = drawn(viewOf(moment, { problem, ageMs: 14_400 }), { columns, rows }, glyphs)
            if (rows >= 5 && columns > 8 && moment === MACHINES.usual) assert.match(text, /^412 W/m)
            if (glyphs === ASCII) assert.match(text, /^[ -~\n]+$/)
          }
        }
      }
    }
  }
})

test('an agent that is gone is told with how old the figures are, and bars stay empty meanwhile', () => {
  const problem = 'localhost:10910: it refuses the connection (ECONNREFUSED)'
  const { lines } = screenOf(viewOf(MACHINES.usual, { problem, ageMs: 34_000 }), { columns: 120, rows: 24 }, UTF8)
  const [head, said, total] = lines.map(plainText)
  assert.match(head ?? '', /no answer$/)
  assert.equal(said, `${problem} (figures of 34 s ago)`)
  assert.match(total ?? '', /█$/)
  assert.equal(columnsOf(total ?? ''), 117)
  const first = screenOf(viewOf(null, { problem }), { columns: 80, rows: 24 }, UTF8).lines.map(plainText)
  assert.deepEqual(first.slice(1), [problem])
})

test('what is wrong with the agent is said, and its figures stay', () => {
  const problems = ['the ledger cannot be written: no space left on device', 'and more']
  const text = drawn(viewOf({ ...MACHINES.usual, problems }), { columns: 80, rows: 24 })
  assert.match(text, /unhealthy\nthe ledger cannot be written: no space left on device\n412 W/)
})

test('the first energy of a day is shown, and is no nothing', () => {
  const { today, consumers } = MACHINES.usual
  if (today === null) return assert.fail('no energy')
  const first = {
    ...MACHINES.usual,
    today: { ...today, energy_kwh: 0.000_21 },
    consumers: consumers.slice(0, 1).map((one) => ({ ...one, today_kwh: 0.000_2 })),
  }
  const text = drawn(viewOf(first), { columns: 80, rows: 24 })
  assert.match(text, /^today 0\.21 Wh, /m)
  assert.match(text, /^service postgresql\.service .* <0\.001 /m)
})

test('tenants are listed, and a listing that is no screen is as long as it has to be', () => {
  const tenants = drawn(viewOf(MACHINES.usual, { listed: 'tenants' }), { columns: 80, rows: 24 })
  assert.match(tenants, /^TENANT +WATTS KWH TODAY$/m)
  assert.match(tenants, /^shop +201 +2\.400/m)
  const { lines } = screenOf(viewOf(MACHINES.crowd), { columns: 80, rows: Number.POSITIVE_INFINITY }, UTF8)
  assert.equal(plainText(lines.at(-1) ?? []), 'and 150 more')
  assert.equal(lines.filter((line) => plainText(line).startsWith('container ')).length, 50)
})

test('a list is scrolled no farther than to its end', () => {
  const at = (offset: number) => screenOf(viewOf(MACHINES.crowd, { offset }), { columns: 80, rows: 24 }, UTF8)
  assert.equal(at(3).offset, 3)
  const end = at(1_000)
  assert.equal(end.offset, 39)
  assert.equal(plainText(end.lines.at(-2) ?? []), 'and 150 more')
  assert.equal(screenOf(viewOf(MACHINES.usual, { offset: 9 }), { columns: 80, rows: 24 }, UTF8).offset, 0)
})

test('colours are put on and taken off, and blanks at the end are not sent', () => {
  const line = [
    { text: 'a', tone: 'strong' },
    { text: ' b ', tone: 'plain' },
    { text: 'c  ', tone: 'doubtful' },
    { text: '   ', tone: 'faint' },
  ] as const
  assert.equal(JSON.stringify(colouredText(line)), JSON.stringify('\u001b[1ma\u001b[0m b \u001b[33mc\u001b[0m'))
  assert.equal(plainText(line), 'a b c')
  assert.equal(colouredText([]), '')
})
