import assert from 'node:assert/strict'
import { plainText } from '../../../src/top/ansi.ts'
import { glyphsFor } from '../../../src/top/glyphs.ts'
import { parseMoment, parsePast, StrangeAnswer } from '../../../src/top/moment.ts'
import { screenOf } from '../../../src/top/screen.ts'
import { Series } from '../../../src/top/series.ts'
import { columnsOf } from '../../../src/top/text.ts'
import type { FuzzTarget } from '../target.ts'

const GLYPHS = glyphsFor({ LANG: 'C.UTF-8' })
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
]

/** What a server answers to `top`, now and of before on the next line: refused, or a screen that fits and obeys nothing. */
export const topAnswer: FuzzTarget = {
  name: 'top-answer',
  tokens: [
    '"power_w":null',
    '"now_w":1e308',
    '"time":',
    '"step_s":',
    '-1',
    '1e12',
    '\\u001b[2J',
    '\\n',
    '日',
    '__proto__',
  ],
  run(input) {
    const [now = '', before = ''] = input.toString('utf8').split('\n')
    const moment = outcome(() => parseMoment(now))
    const past = outcome(() => parsePast(before))
    if (moment === null) return
    const series = new Series()
    series.note(moment)
    if (past !== null) series.recall(past)
    for (const listed of ['consumers', 'tenants'] as const) {
      const view = { moment, series, problem: null, ageMs: 0, address: '', listed, offset: 0 }
      for (const size of SIZES) {
        const { lines } = screenOf(view, size, GLYPHS)
        assert.ok(lines.length <= size.rows)
        for (const text of lines.map(plainText)) {
          assert.ok(columnsOf(text) <= size.columns, text)
          assert.doesNotMatch(text, /\p{C}|NaN|undefined|Infinity/u)
        }
      }
    }
  },
}

/** Null for what is refused. */
function outcome<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    assert.ok(error instanceof StrangeAnswer, String(error))
    return null
  }
}
