import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PatternError, patternOf } from '../../src/attribution/pattern.ts'
import fc, { runs } from '../property.ts'

/** What of a few texts a pattern matches. */
const matched = (pattern: string, texts: readonly string[]) => texts.filter(patternOf(pattern))

test('a glob matches the whole of a text', () => {
  assert.deepEqual(matched('web-*', ['web-', 'web-1', 'a-web-1', 'web', 'web-\n']), ['web-', 'web-1', 'web-\n'])
  assert.deepEqual(matched('a?c', ['abc', 'ac', 'a/c', 'a😀c']), ['abc', 'a/c', 'a😀c'])
  assert.deepEqual(matched('n[0-9a]', ['n1', 'na', 'nb', 'n12']), ['n1', 'na'])
  assert.deepEqual(matched('n[!0-9]', ['n1', 'na']), ['na'])
  assert.deepEqual(matched('[]*-]', [']', '*', '-', 'x']), [']', '*', '-'])
  assert.deepEqual(matched('a.b(c)|d', ['a.b(c)|d', 'axb(c)|d']), ['a.b(c)|d'])
  assert.deepEqual(matched('\\*', ['*', 'a']), ['*'])
  assert.deepEqual(matched('*', ['', 'anything']), ['', 'anything'])
  assert.deepEqual(matched('/', ['/', '']), ['/'])
  assert.deepEqual(matched('[\\a\\]\\-z]', ['a', ']', '-', 'z', 'b', '\\', '\x07']), ['a', ']', '-', 'z'])
  assert.deepEqual(matched('[a^]', ['a', '^', 'b']), ['a', '^'])
  assert.deepEqual(matched('[\\😀]', ['😀', '\\']), ['😀'])
})

test('a regular expression matches the whole of a text, as in Prometheus', () => {
  assert.deepEqual(matched('/web-[0-9]+/', ['web-1', 'web-12', 'web-', 'xweb-1', 'web-1x']), ['web-1', 'web-12'])
  assert.deepEqual(matched('/^web-[0-9]+$/', ['web-1', 'web-1x']), ['web-1'])
  assert.deepEqual(matched('/a|b/', ['a', 'b', 'ab', 'ax']), ['a', 'b'])
  assert.deepEqual(matched('/a.b/', ['a\nb', 'a😀b']), ['a\nb', 'a😀b'])
  assert.deepEqual(matched('/a{2}|b{1,}|c{0,2}/', ['aa', 'a', 'bbb', 'cc', 'ccc', '']), ['aa', 'bbb', 'cc', ''])
  assert.deepEqual(matched('/a{,2}{/', ['a{,2}{', 'aa']), ['a{,2}{'])
  assert.deepEqual(matched('/\\x41\\x{1F600}\\t\\./', ['A😀\t.', 'A😀\tx']), ['A😀\t.'])
  assert.deepEqual(matched('/[^\\d\\s-]+/', ['ab', 'a1', 'a b', 'a-']), ['ab'])
  assert.deepEqual(matched('/(?i)web|[[:digit:]]\\b/', ['WEB', '1', 'a']), ['WEB', '1'])
  assert.deepEqual(matched('/a^b|c$d/', ['ab', 'cd', 'a^b']), [])
  assert.deepEqual(matched('//', ['', 'a']), [''])
})

test('what is no pattern is told with the part that is wrong', () => {
  for (const [pattern, problem] of [
    ['/a(b/', /missing closing \)/],
    ['/a)/', /unexpected \)/],
    ['/*a/', /missing argument to repetition operator: `\*`/],
    ['/a**/', /nested repetition operator: `\*\*`/],
    ['/a{3,2}/', /repeat count: `\{3,2\}`/],
    ['/a{9999}/', /repeat count: `\{9999\}`/],
    ['/(?=a)/', /Perl syntax: `\(\?=`/],
    ['/\\1/', /escape sequence: `\\1`/],
    ['/[z-a]/', /range: `z-a`/],
    ['/\\/', /trailing backslash/],
    ['n[a', /missing closing \]: `n\[a`/],
    ['n[z-a]', /range: `z-a`/],
  ] as const) {
    assert.throws(
      () => patternOf(pattern),
      (error) => error instanceof PatternError && /^[a-z]/.test(error.message) && problem.test(error.message),
      pattern,
    )
  }
})

test('no pattern takes long, neither to read nor to match', () => {
  const text = 'a'.repeat(255)
  const before = process.cpuUsage()
  for (const pattern of [
    '/(a+)+b/',
    '/(a|aa)*b/',
    '/(a*)*b/',
    '/(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b/',
    '*a*a*a*a*a*a*a*a*b',
  ]) {
    assert.equal(patternOf(pattern)(text), false)
  }
  const bombs = [
    '/((((){999}){999}){999}){999}/',
    '/(((a?){999}){999}){999}/',
    `/${'('.repeat(127)}${')'.repeat(127)}/`,
  ]
  for (const bomb of bombs) {
    try {
      patternOf(bomb)(text)
    } catch (error) {
      assert.ok(error instanceof PatternError)
    }
  }
  assert.ok(process.cpuUsage(before).user < 2_000_000)
})

/** Patterns in the part of the syntax that V8 understands in the same way. */
const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\.', '[a-c]', '\\x62')
const { pattern: anyPattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small' },
    atom,
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  pattern: fc
    .array(fc.tuple(tie('piece'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '|')), {
      maxLength: 4,
    })
    .map((pieces) => pieces.flat().join(''))
    .filter((pattern) => pattern.length <= 24),
}))

test('a regular expression matches what that of V8 does', () => {
  fc.assert(
    fc.property(
      anyPattern,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '\n', 'é'), maxLength: 6 }),
      (pattern, text) => {
        assert.equal(patternOf(`/${pattern}/`)(text), new RegExp(`^(?:${pattern})$`, 'su').test(text), pattern)
      },
    ),
    { numRuns: runs(2_000) },
  )
})

test('any text is a pattern or is refused as one', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'/[]()*+?{},-|\\^$.ax09!:'), maxLength: 12 }),
      fc.boolean(),
      (inner, isRegex) => {
        try {
          patternOf(isRegex ? `/${inner}/` : inner)('a-9')
        } catch (error) {
          assert.ok(error instanceof PatternError, `${inner}: ${error}`)
        }
      },
    ),
    { numRuns: runs(5_000) },
  )
})
