import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../src/model/usage-error.ts'
import { spanOf, type TypedSpan, utc } from '../../src/report/span.ts'

const NOW = Date.UTC(2026, 10, 28, 9, 30)
const NOTHING: TypedSpan = { from: null, to: null, month: null }

function span(typed: Partial<TypedSpan>, now = NOW): string {
  const { from, until } = spanOf({ ...NOTHING, ...typed }, now)
  return `${utc(from)} ${utc(until)}`
}

test('days, times with their zone, months, and what is left out', () => {
  assert.equal(span({ from: '2026-10-01', to: '2026-11-01' }), '2026-10-01T00:00Z 2026-11-01T00:00Z')
  assert.equal(span({ from: '2026-10-01T02:00:00+02:00' }), '2026-10-01T00:00Z 2026-11-28T10:00Z')
  assert.equal(span({ month: '2024-02' }), '2024-02-01T00:00Z 2024-03-01T00:00Z')
  assert.equal(span({}), '2026-11-01T00:00Z 2026-11-28T10:00Z')
  assert.equal(span({}, Date.UTC(2026, 11, 1, 0, 10)), '2026-12-01T00:00Z 2026-12-01T01:00Z')
})

test('what makes no sense is refused in one sentence that names the option', () => {
  for (const [typed, sentence] of [
    [
      { from: 'yesterday' },
      '--from: expected a day or an RFC 3339 time, such as 2026-10-01 or 2026-10-01T06:00:00Z, received "yesterday"',
    ],
    [
      { from: '2026-02-30' },
      '--from: expected a day or an RFC 3339 time, such as 2026-10-01 or 2026-10-01T06:00:00Z, received "2026-02-30"',
    ],
    [{ from: '2026-10-01T00:30:00Z' }, '--from: expected a full UTC hour, received "2026-10-01T00:30:00Z"'],
    [
      { from: '2026-10-02', to: '2026-10-01' },
      '--to: expected a time after 2026-10-02T00:00Z, received 2026-10-01T00:00Z',
    ],
    [
      { from: '2026-10-01', to: '2026-10-01' },
      '--to: expected a time after 2026-10-01T00:00Z, received 2026-10-01T00:00Z',
    ],
    [{ from: '1926-01-01', to: '2026-01-01' }, '--from: a report covers at most 10 years'],
    [{ from: '2027-01-01' }, '--from: 2027-01-01T00:00Z has not been yet'],
    [{ month: '2027-01' }, '--month: 2027-01-01T00:00Z has not been yet'],
    [
      { month: '2026-11' },
      '--month: 2026-12-01T00:00Z has not been yet. Ask for the time so far: --from 2026-11-01T00:00Z --to 2026-11-28T10:00Z',
    ],
    [
      { from: '2026-10-01', to: '2027-01-01' },
      '--to: 2027-01-01T00:00Z has not been yet. Ask for the time so far: --from 2026-10-01T00:00Z --to 2026-11-28T10:00Z',
    ],
    [{ month: '2026-13' }, '--month: expected a month such as 2026-10, received "2026-13"'],
    [{ month: '2026-10', from: '2026-10-01' }, '--month: expected without --from and --to'],
    [{ to: '2026-10-01' }, '--to: expected with --from'],
  ] as const) {
    assert.throws(
      () => span(typed),
      (error) => error instanceof UsageError && error.message === sentence,
    )
  }
})
