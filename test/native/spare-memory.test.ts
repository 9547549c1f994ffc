import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a program prints as JSON when it ends. */
function answerOf(program: string, ...flags: readonly string[]) {
  const args = [...flags, '--input-type=module', '-e', program]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }))
}

/**
 * What 3,000 functions that ran once hold compiled, in bytes, when the agent has run for so many minutes and for others after
 * that; and whether they still run.
 */
function compiled(
  [minutes, more]: readonly [number, number],
  ...flags: readonly string[]
): { before: number; after: number; sum: number } {
  const program = `
    import { mock } from 'node:test'
    import { getHeapCodeStatistics } from 'node:v8'
    import { SpareMemory } from './src/native/spare-memory.ts'
    mock.timers.enable({ apis: ['setInterval'] })
    const memory = new SpareMemory()
    await memory.start()
    mock.timers.tick(${minutes} * 60_000)
    const functions = Array.from({ length: 3_000 }, (_, n) => new Function('a', 'return a * ' + n + ' - a / ' + (n + 1)))
    const run = () => Math.round(functions.reduce((sum, each) => sum + each(2), 0))
    const bytes = () => getHeapCodeStatistics().bytecode_and_metadata_size
    run()
    const before = bytes()
    mock.timers.tick(${more} * 60_000)
    const after = bytes()
    const sum = run()
    await memory.stop()
    console.log(JSON.stringify({ before, after, sum }))`
  return answerOf(program, ...flags)
}

test('code that is not running is given back after a minute, and runs again', () => {
  const { before, after, sum } = compiled([0, 1], '--expose-gc')
  assert.ok(after < before / 2, `${after} of ${before} bytes`)
  assert.equal(sum, compiled([0, 1]).sum)
})

test('code that ran after the start stays for a day: what runs each minute would be compiled again each hour', () => {
  const hours = compiled([1, 120], '--expose-gc')
  // A collection takes what was kept so that the same text need not be compiled twice; of what is forgotten a twentieth stays.
  assert.ok(hours.after > hours.before / 3, `${hours.after} of ${hours.before} bytes`)
  const day = compiled([1, 1_440], '--expose-gc')
  assert.ok(day.after < day.before / 6, `${day.after} of ${day.before} bytes`)
})

test('code stays where Node does not expose its collector', () => {
  const { before, after } = compiled([0, 1])
  assert.ok(after >= before, `${after} of ${before} bytes`)
})

test('what only the start read of the program is given back after a minute, and is there again where it is read', () => {
  const program = `
    import { readFileSync } from 'node:fs'
    import { mock } from 'node:test'
    import { SpareMemory } from './src/native/spare-memory.ts'
    mock.timers.enable({ apis: ['setInterval'] })
    const heldMb = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1e3
    const memory = new SpareMemory()
    await memory.start()
    const before = heldMb()
    mock.timers.tick(60_000)
    const after = heldMb()
    await memory.stop()
    const { createHash } = await import('node:crypto')
    const digest = createHash('sha256').update('').digest('hex').slice(0, 8)
    console.log(JSON.stringify({ before, after, digest }))`
  const { before, after, digest } = answerOf(program) as { before: number; after: number; digest: string }
  assert.ok(after < before - 15, `${before} to ${after} MB`)
  assert.equal(digest, 'e3b0c442')
})

/** MB of the heap before the first minute, after it, with garbage that has grown old, and a minute after that. */
function heldMb(): readonly number[] {
  const program = `
    import { mock } from 'node:test'
    import { getHeapStatistics } from 'node:v8'
    import { SpareMemory } from './src/native/spare-memory.ts'
    mock.timers.enable({ apis: ['setInterval'] })
    const memory = new SpareMemory()
    await memory.start()
    const held = () => getHeapStatistics().used_heap_size / 1e6
    mock.timers.tick(60_000)
    const first = held()
    let old = Array.from({ length: 400_000 }, (_, n) => ({ n }))
    const grown = held()
    old = null
    mock.timers.tick(60_000)
    console.log(JSON.stringify([first, grown, held()]))
    await memory.stop()`
  return answerOf(program, '--expose-gc', '--initial-old-space-size=64')
}

test('what has become garbage is given back within a minute', () => {
  const [first = 0, grown = 0, later = 0] = heldMb()
  assert.ok(grown > first + 6, `${first} to ${grown} MB`)
  assert.ok(later < first + 1, `${first} to ${later} MB`)
})

test('that takes one full collection', () => {
  const program = `
    import { mock } from 'node:test'
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { SpareMemory } from './src/native/spare-memory.ts'
    const isFull = ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR
    const told = Promise.withResolvers()
    const observer = new PerformanceObserver((list) => told.resolve(list.getEntries().filter(isFull).length))
    mock.timers.enable({ apis: ['setInterval'] })
    const memory = new SpareMemory()
    await memory.start()
    mock.timers.tick(60_000)
    let old = Array.from({ length: 400_000 }, (_, n) => ({ n }))
    // Those that made them old are told of before.
    await new Promise((resolve) => setImmediate(resolve))
    observer.observe({ entryTypes: ['gc'] })
    old = null
    mock.timers.tick(60_000)
    // Collections are told of by what keeps no process alive.
    const alive = setTimeout(() => {}, 30_000)
    console.log(await told.promise)
    clearTimeout(alive)
    await memory.stop()`
  assert.equal(answerOf(program, '--expose-gc', '--initial-old-space-size=64', '--single-threaded'), 1)
})

/** MB of buffers before the first minute, grown old and let go, and a minute after that. */
function buffersMb(): readonly number[] {
  const program = `
    import { mock } from 'node:test'
    import { SpareMemory } from './src/native/spare-memory.ts'
    mock.timers.enable({ apis: ['setInterval'] })
    const memory = new SpareMemory()
    await memory.start()
    const held = () => process.memoryUsage().arrayBuffers / 1e6
    mock.timers.tick(60_000)
    const first = held()
    let old = Array.from({ length: 300 }, () => Buffer.alloc(16_384))
    gc({ type: 'minor' })
    gc({ type: 'minor' })
    old = null
    const grown = held()
    mock.timers.tick(60_000)
    console.log(JSON.stringify([first, grown, held()]))
    await memory.stop()`
  return answerOf(program, '--expose-gc', '--initial-old-space-size=64')
}

test('buffers that only garbage holds are given back within a minute', () => {
  const [first = 0, grown = 0, later = 0] = buffersMb()
  assert.ok(grown > first + 4, `${first} to ${grown} MB`)
  assert.ok(later < first + 0.5, `${first} to ${later} MB`)
})
