import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FeedFigure } from '../../../src/carbon/feeds/feed.ts'
import { FeedHistory, type IntensityCache } from '../../../src/carbon/feeds/feed-history.ts'
import { ukFeed } from '../../../src/carbon/sources/uk.ts'
import type { FetchedFigure } from '../../../src/model/fetched-figure.ts'
import fc from '../../property.ts'
import { HOUR, NOON } from '../sources/grid-server.ts'

const DAY = 24 * HOUR
/** 48 hours back, 24 ahead. */
const feed = ukFeed()

/** The table of the ledger: one row for each start, given back in the order of fetching. */
function table() {
  const rows = new Map<number, FetchedFigure>()
  const isFull = { now: false }
  const cache: IntensityCache = {
    load: () => [...rows.values()].toSorted((a, b) => a.fetchedUnixMs - b.fetchedUnixMs),
    save: (_, figures) => {
      if (isFull.now) return false
      for (const figure of figures) rows.set(figure.startsUnixMs, figure)
      return true
    },
  }
  return { rows, cache, isFull }
}

const figure = (startsUnixMs: number, gPerKwh: number, status: FeedFigure['status'] = 'provisional'): FeedFigure => ({
  zone: 'GB',
  mgPerKwh: BigInt(gPerKwh) * 1_000n,
  status,
  startsUnixMs,
  endsUnixMs: startsUnixMs + HOUR,
})

function take(history: FeedHistory, nowUnixMs: number, ...figures: readonly FeedFigure[]): void {
  history.take(figures, history.windowAt(nowUnixMs), nowUnixMs)
}

test('the revision grows with what is new, and with nothing else', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  const seen: number[] = []
  const look = (nowUnixMs: number, ...figures: readonly FeedFigure[]) => {
    take(history, nowUnixMs, ...figures)
    seen.push(history.revision)
  }
  look(NOON, figure(NOON, 100), figure(NOON + HOUR, 100))
  look(NOON + 1, figure(NOON, 100), figure(NOON + HOUR, 100))
  look(NOON + 2, figure(NOON, 101))
  look(NOON + 3, figure(NOON, 101, 'final'))
  look(NOON + 4)
  assert.deepEqual(seen, [1, 1, 2, 3, 3])
})

test('what changed since a revision begins at the first figure that is new, or final by age', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  const sinceOf = (revision: number) => history.changedSince(revision).startsUnixMs
  take(history, NOON + HOUR, figure(NOON, 100), figure(NOON + HOUR, 100))
  assert.equal(sinceOf(0), NOON)
  take(history, NOON + 2 * HOUR, figure(NOON, 100), figure(NOON + HOUR, 90))
  assert.deepEqual([sinceOf(0), sinceOf(1)], [NOON, NOON + HOUR])
  take(history, NOON + 49 * HOUR, figure(NOON + 48 * HOUR, 80))
  assert.deepEqual([sinceOf(1), sinceOf(2)], [NOON, NOON])
  // Who was away for long looks at all of it.
  for (let n = 0; n < 70; n++) take(history, NOON + 49 * HOUR + n, figure(NOON + 49 * HOUR, n))
  assert.equal(sinceOf(2), Number.NEGATIVE_INFINITY)
  assert.equal(sinceOf(history.revision - 1), NOON + 49 * HOUR)
})

test('a provisional figure is final once it was asked for at an age at which it is not revised any more', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  const statusOf = (unixMs: number) => history.at(unixMs).period?.status
  take(history, NOON + HOUR, figure(NOON, 100), figure(NOON + HOUR, 100))
  assert.equal(history.windowAt(NOON + 3 * HOUR).fromUnixMs, NOON - 47 * HOUR, 'since the last look')
  take(history, NOON + 49 * HOUR - 1, figure(NOON, 100))
  assert.deepEqual([statusOf(NOON), history.revision], ['provisional', 1])
  take(history, NOON + 49 * HOUR, figure(NOON, 100))
  assert.deepEqual([statusOf(NOON), statusOf(NOON + HOUR)], ['final', 'provisional'])
  assert.equal(history.revision, 2, 'settlement is told')
  take(history, NOON + 49 * HOUR)
  assert.equal(history.revision, 2)
  const { period: intensity } = history.at(NOON)
  assert.deepEqual([intensity?.mgPerKwh, intensity?.fetchedUnixMs], [100_000n, NOON + HOUR], 'only the status changed')
})

test('an estimate of the interface does not become final by age', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  take(history, NOON, figure(NOON, 100, 'estimated'))
  take(history, NOON + 9 * DAY)
  assert.equal(history.at(NOON).period?.status, 'estimated')
})

test('after an outage all that was missed is asked for, but no more than a week of it', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  take(history, NOON, figure(NOON, 100))
  const from = (nowUnixMs: number) => history.windowAt(nowUnixMs).fromUnixMs
  assert.equal(from(NOON + 5 * DAY), NOON - 2 * DAY)
  assert.equal(from(NOON + 30 * DAY), NOON + 30 * DAY - 2 * DAY - 7 * DAY)
  // The clock was set back: nothing that lies ahead is taken for settled.
  assert.equal(from(NOON - DAY), NOON - 3 * DAY)
  assert.equal(history.windowAt(NOON).toUnixMs, NOON + DAY)
})

test('what was fetched survives a restart, with what is final', () => {
  const { cache } = table()
  const before = new FeedHistory({ feed, cache })
  take(before, NOON + HOUR, figure(NOON, 100))
  take(before, NOON + 50 * HOUR, figure(NOON + 49 * HOUR, 200))
  const after = new FeedHistory({ feed, cache })
  assert.equal(after.at(NOON).period, null)
  after.load()
  after.load()
  assert.equal(after.revision, 1)
  for (const unixMs of [NOON, NOON + HOUR, NOON + 49 * HOUR]) assert.deepEqual(after.at(unixMs), before.at(unixMs))
  assert.equal(after.at(NOON).period?.status, 'final')
  assert.deepEqual(after.windowAt(NOON + 55 * HOUR), before.windowAt(NOON + 55 * HOUR))
})

test('what the ledger could not take is given to it again', () => {
  const { cache, rows, isFull } = table()
  const history = new FeedHistory({ feed, cache })
  isFull.now = true
  take(history, NOON, figure(NOON, 100))
  take(history, NOON + HOUR, figure(NOON + HOUR, 200))
  assert.equal(rows.size, 0)
  isFull.now = false
  take(history, NOON + 2 * HOUR)
  assert.deepEqual([...rows.keys()], [NOON, NOON + HOUR])
})

test('figures are kept for forty days', () => {
  const history = new FeedHistory({ feed, cache: table().cache })
  take(history, NOON, figure(NOON - HOUR, 100))
  take(history, NOON + 40 * DAY - 1)
  assert.equal(history.at(NOON - 1).period?.mgPerKwh, 100_000n)
  take(history, NOON + 40 * DAY)
  assert.equal(history.at(NOON - 1).period, null)
})

test('a history that was cached at every look is the one in memory', () => {
  const hours = fc.array(fc.tuple(fc.integer({ min: -40, max: 20 }), fc.integer({ min: 0, max: 3 })), { maxLength: 30 })
  fc.assert(
    fc.property(fc.array(hours, { maxLength: 6 }), (looks) => {
      const { cache } = table()
      const live = new FeedHistory({ feed, cache })
      for (const [index, answer] of looks.entries()) {
        take(live, NOON + index * 60_000, ...answer.map(([hour, g]) => figure(NOON + hour * HOUR, g)))
      }
      const restored = new FeedHistory({ feed, cache })
      restored.load()
      for (let at = NOON - 41 * HOUR; at < NOON + 22 * HOUR; at += HOUR / 2) {
        assert.deepEqual(restored.at(at).period?.mgPerKwh, live.at(at).period?.mgPerKwh)
      }
    }),
  )
})
