import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MeasuredWindow } from '../../src/windows/measured-window.ts'
import { WindowBooks } from '../../src/windows/window-books.ts'
import { coverage, ns, posting } from './booked.ts'

function windowOf(books: WindowBooks, startS: number): MeasuredWindow {
  const facts = {
    id: `${startS}-${books.unfinished}`,
    uid: 1000,
    name: 'epoch',
    tags: {},
    series: '',
    repeats: null,
    baselineUw: null,
    bootId: 'boot-1',
    startNs: ns(startS),
    startUnixMs: startS * 1e3,
    limitMs: 86_400_000,
  }
  const window = new MeasuredWindow(facts, false)
  books.open(window)
  books.cutAt(window.facts.startNs)
  return window
}

function end(books: WindowBooks, window: MeasuredWindow, s: number): void {
  window.close({ ns: ns(s), unixMs: s * 1e3, by: 'client' })
  books.cutAt(ns(s))
}

const pass = (books: WindowBooks, fromS: number, toS: number, w: number): void => {
  for (let s = fromS; s < toS; s++) {
    books.post(posting(s, s + 1, w), s * 1e3)
    books.post(coverage(s, s + 1), s * 1e3)
  }
}

test('a window stays provisional while a card is away, and has its energy when it is back', () => {
  const books = new WindowBooks()
  pass(books, 0, 3, 10)
  const [first, both] = [windowOf(books, 3), windowOf(books, 3)]
  pass(books, 3, 6, 10)
  end(books, first, 6)
  pass(books, 6, 9, 10)
  end(books, both, 9)
  pass(books, 9, 12, 10)
  // All before 4 s is known for good; the card is away since then.
  books.settle(ns(4))
  assert.deepEqual([first.isFinal, both.isFinal], [false, false])
  assert.equal(first.amounts.energyUj, 30_000_000n)
  for (const s of [4, 5, 6, 7]) books.post(posting(s, s + 1, 100), s * 1e3)
  books.settle(ns(8))
  assert.deepEqual([first.isFinal, both.isFinal], [true, false])
  books.settle(ns(12))
  assert.equal(both.isFinal, true)
  // The pieces that the edges cut are from 3 to 6 and from 6 to 9: late energy is never told finer.
  assert.equal(first.amounts.energyUj, 230_000_000n)
  assert.equal(both.amounts.energyUj, 460_000_000n)
  assert.deepEqual(
    [first, both].map(({ amounts }) => amounts.of('covered')),
    [ns(3), ns(6)],
  )
  const { amounts } = books.history.energyOf(3_000, 9_000)
  assert.equal(amounts.energyUj, 460_000_000n)
})

test('a flush saves what has changed, and no more', () => {
  const books = new WindowBooks()
  pass(books, 0, 3, 10)
  const [ended, open] = [windowOf(books, 3), windowOf(books, 3)]
  pass(books, 3, 6, 10)
  end(books, ended, 6)
  pass(books, 6, 8, 10)
  const saved = () => books.collect().map(({ id, energyUj, isFinal }) => [id, energyUj, isFinal])
  assert.equal(saved().length, 2)
  // The one that has ended waits for what a card may bring; the other one goes on.
  assert.deepEqual(saved(), [[open.facts.id, 50_000_000n, false]])
  books.settle(ns(8))
  assert.deepEqual(
    saved().filter(([, , isFinal]) => isFinal),
    [[ended.facts.id, 30_000_000n, true]],
  )
})
