import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expositionFormat, prefersJson } from '../../src/exporter/negotiation.ts'
import { acceptsGzip } from '../../src/io/serve/preferences.ts'
import fc from '../property.ts'

const OM = 'application/openmetrics-text'

test('the exposition format follows the weights, and the more precise range wins', () => {
  const cases: readonly [accept: string | undefined, expected: string][] = [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html, */*;q=0.8', 'text'],
    [`${OM};version=1.0.0`, 'openmetrics'],
    [OM, 'openmetrics'],
    [`${OM};version=0.0.1`, 'text'],
    [`${OM};version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.7`, 'text'],
    [`text/plain;q=0.3 , ${OM.toUpperCase()} ; version="1.0.0" ; q=0.6`, 'openmetrics'],
    ['application/*', 'openmetrics'],
    [`application/*, ${OM};q=0, text/plain;q=0.1`, 'text'],
    ['text/plain;q=0, */*', 'openmetrics'],
    [`${OM};q=1.5, text/plain;q=0.1`, 'text'],
    ['text/html', 'text'],
  ]
  for (const [accept, expected] of cases) assert.equal(expositionFormat(accept), expected, accept)
})

test('gzip only where it is welcome', () => {
  const cases: readonly [header: string | undefined, expected: boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['GZIP;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip;q=0.2, identity;q=0.5', false],
    ['*', true],
    ['*;q=0', false],
    ['br', false],
    ['gzipped', false],
  ]
  for (const [header, expected] of cases) assert.equal(acceptsGzip(header), expected, header)
})

test('JSON only where it is preferred to text', () => {
  assert.equal(prefersJson('application/json'), true)
  assert.equal(prefersJson('application/json, text/plain;q=0.9'), true)
  assert.equal(prefersJson('*/*'), false)
  assert.equal(prefersJson(undefined), false)
})

test('no header breaks the negotiation', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aq=*/;,. "10\t', OM, 'text/plain', 'gzip') }), (header) => {
      assert.match(expositionFormat(header), /^(text|openmetrics)$/)
      assert.equal(typeof acceptsGzip(header), 'boolean')
    }),
  )
})
