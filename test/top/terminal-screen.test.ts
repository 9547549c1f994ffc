import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TerminalScreen } from './terminal-screen.ts'

test('wherever the output is cut in pieces, the screen is the same', () => {
  const frame =
    '\u001b[?1049h\u001b[?7l\u001b[?2026h\u001b[H\u001b[33m42 W\u001b[0m\u001b[K\r\nkWh €\u001b[J\u001b[?2026l'
  for (let cut = 0; cut <= frame.length; cut++) {
    const screen = new TerminalScreen(20, 4)
    screen.write(frame.slice(0, cut))
    screen.write(frame.slice(cut))
    assert.equal(screen.text, '42 W\nkWh €', `cut at ${cut}`)
  }
})
