import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvRecords } from '../../src/carbon/table/csv-record.ts'
import { CsvTable } from '../../src/carbon/table/csv-table.ts'
import { TableError, TableLine } from '../../src/carbon/table/table-line.ts'
import fc from '../property.ts'

const recordsOf = (text: string) =>
  [...csvRecords(text)].map((one) => (one === null || one instanceof TableError ? one : one.fields))

test('whatever stands in cells, it is read as it was written, quoted where it must be or everywhere', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'é'), maxLength: 6 })
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
  const ends = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(table, ends, fc.boolean(), fc.boolean(), (rows, end, isAll, isEnded) => {
      const quoted = (text: string) => (isAll || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
      const text = rows.map((cells) => cells.map(quoted).join(',')).join(end) + (isEnded && rows.length > 0 ? end : '')
      assert.deepEqual(recordsOf(text), rows)
    }),
  )
})

test('a record keeps the line in which it begins, and a bad one is named by its place', () => {
  const text = 'a,b\n"1\n2",3\n\n4,"x"y\n5,6\n7,"never ends\n8,9'
  assert.deepEqual(
    [...csvRecords(text)].map((one) => (one instanceof TableError ? one.message : (one?.line ?? null))),
    [
      1,
      2,
      null,
      '5:3: expected a field that is quoted as a whole, received "\\"x\\""',
      6,
      '7:3: expected a closing quote, received "\\"never ends\\n8,9"',
    ],
  )
})

test('columns go by their names: in any order and case, without those of a row number', () => {
  const table = new CsvTable('\uFEFF"", PUE ,"End",start\r\n"1",1.2,b,a\r\n')
  const lines = [...table.lines(table.expect('start,end,pue'))]
  assert.deepEqual(
    lines.map((line) => line instanceof TableLine && [line.field(0), line.field(1), line.number(2)]),
    [['a', 'b', 1.2]],
  )
  for (const header of [
    'start,end',
    'start,end,pue,more',
    'start,end,pue,pue',
    'start,start,pue',
    '',
    'start;end;pue',
  ]) {
    assert.throws(
      () => new CsvTable(header).expect('start,end,pue'),
      /^TableError: 1:1: expected the header start,end,pue/,
    )
  }
  assert.throws(() => new CsvTable('"start').expect('start,end,pue'), /^TableError: 1:1: expected a closing quote/)
})
