import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ScheduleEntry, SchedulePue, type SchedulePueConfig } from '../../../src/carbon/pue/schedule.ts'
import { ConfigFault } from '../../../src/model/config-fault.ts'
import fc from '../../property.ts'

function scheduleOf(entries: readonly Partial<ScheduleEntry>[], more: Partial<SchedulePueConfig> = {}) {
  const whole = entries.map((entry) => ({ months: null, hours: null, pue: 1.5, ...entry }))
  return new SchedulePue({ source: 'schedule', timezone: 'UTC', default: null, ...more, entries: whole })
}

const pueAt = (schedule: SchedulePue, utc: string) =>
  Number(schedule.cover(Date.parse(`${utc}Z`)).statement.puePpm) / 1e6

const DAY_AND_NIGHT = [
  { hours: '08:00-20:00', pue: 1.5 },
  { hours: '20:00-08:00', pue: 1.2 },
]

test('a table by the month', () => {
  const schedule = scheduleOf([{ months: [6, 7, 8], pue: 1.6 }], { default: 1.3 })
  assert.deepEqual(
    ['2026-05-31T23:59', '2026-06-01T00:00', '2026-08-31T23:59', '2026-09-01T00:00'].map((at) => pueAt(schedule, at)),
    [1.3, 1.6, 1.6, 1.3],
  )
  const { statement } = schedule.cover(0)
  assert.deepEqual([statement.source, statement.relativeUncertainty > 0.02], ['schedule', true])
})

test('day and night go by the clocks of the site, through summer time', () => {
  const schedule = scheduleOf(DAY_AND_NIGHT, { timezone: 'Europe/Berlin' })
  // 2026-03-29, 2 a.m. is 3 a.m.; 2026-10-25, 3 a.m. is 2 a.m.
  for (const [utc, pue] of [
    ['2026-03-28T06:59', 1.2],
    ['2026-03-28T07:00', 1.5],
    ['2026-03-29T05:59', 1.2],
    ['2026-03-29T06:00', 1.5],
    ['2026-03-29T17:59', 1.5],
    ['2026-03-29T18:00', 1.2],
    ['2026-10-25T06:59', 1.2],
    ['2026-10-25T07:00', 1.5],
  ] as const)
    assert.equal(pueAt(schedule, utc), pue, utc)
})

test('zones that are apart by half and quarter hours change on time', () => {
  const nepal = scheduleOf(DAY_AND_NIGHT, { timezone: 'Asia/Kathmandu' })
  assert.deepEqual([pueAt(nepal, '2026-01-01T02:14'), pueAt(nepal, '2026-01-01T02:15')], [1.2, 1.5])
})

test('what is said holds for all of the time for which it is said', () => {
  const schedule = scheduleOf(DAY_AND_NIGHT, { timezone: 'Australia/Lord_Howe' })
  const unixMs = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) })
  fc.assert(
    fc.property(unixMs, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (at, share) => {
      const { statement, untilUnixMs } = schedule.cover(at)
      assert.ok(untilUnixMs > at)
      const later = at + Math.floor((untilUnixMs - at) * share)
      assert.deepEqual(schedule.cover(later), { statement, untilUnixMs })
    }),
  )
})

test('a year of a schedule is the mean of its hours', () => {
  const schedule = scheduleOf(DAY_AND_NIGHT, { timezone: 'America/St_Johns' })
  let [at, sum] = [Date.UTC(2026, 0, 1, 3, 30), 0]
  const [startsUnixMs, endsUnixMs] = [at, Date.UTC(2027, 0, 1, 3, 30)]
  while (at < endsUnixMs) {
    const { statement, untilUnixMs } = schedule.cover(at)
    sum += Number(statement.puePpm) * (untilUnixMs - at)
    at = untilUnixMs
  }
  assert.equal(sum / (endsUnixMs - startsUnixMs), 1_350_000)
})

test('gaps, overlaps, zones and hours that are none are refused with their place', () => {
  for (const [entries, more, message] of [
    [[{ months: [1] }], {}, 'entries: no entry covers month 2, hour 0: add one, or set default'],
    [[{ hours: '00:00-23:00' }], {}, 'entries: no entry covers month 1, hour 23: add one, or set default'],
    [[{}, { months: [3], hours: '05:00-06:00' }], {}, 'entries.1: covers month 3, hour 5, which is covered already'],
    [[{ months: [2, 2] }], { default: 1 }, 'entries.0: covers month 2, hour 0, which is covered already'],
    [
      [{ hours: '08:00-08:00' }],
      { default: 1 },
      'entries.0.hours: expected two different times, received "08:00-08:00"',
    ],
    [
      [{}],
      { timezone: 'Mars/Olympus' },
      'timezone: expected an IANA time zone, such as Europe/Berlin, received "Mars/Olympus"',
    ],
  ] as const) {
    const isClear = (error: unknown) => error instanceof ConfigFault && error.message === `carbon.pue.${message}`
    assert.throws(() => scheduleOf(entries, more), isClear, message)
  }
  assert.throws(
    () => scheduleOf([{ pue: 0.9 }]),
    /^ConfigFault: carbon\.pue\.entries\.0\.pue: expected a PUE of 1 to 10/,
  )
  assert.throws(
    () => scheduleOf([{}], { default: 0.9 }),
    /^ConfigFault: carbon\.pue\.default: expected a PUE of 1 to 10/,
  )
})

test('a day of 24:00 is whole', () => {
  assert.equal(pueAt(scheduleOf([{ hours: '00:00-24:00', pue: 1.7 }]), '2026-01-01T23:59'), 1.7)
  assert.equal(pueAt(scheduleOf([{ hours: '20:00-24:00', pue: 1.7 }], { default: 1 }), '2026-01-01T23:59'), 1.7)
  // All at once; gaps are looked for once the entries are right.
  assert.throws(
    () => scheduleOf([{ hours: '08:00-08:00' }, { months: [1] }, { months: [1] }], { timezone: 'Nowhere' }),
    {
      message: [
        'carbon.pue.timezone: expected an IANA time zone, such as Europe/Berlin, received "Nowhere"',
        'carbon.pue.entries.0.hours: expected two different times, received "08:00-08:00"',
        'carbon.pue.entries.2: covers month 1, hour 0, which is covered already',
      ].join('\n'),
    },
  )
})
