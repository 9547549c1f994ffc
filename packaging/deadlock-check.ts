import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** In Abseil, which V8 locks with. */
const MODE = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE'
/** As `absl::OnDeadlockCycle` counts. */
const IGNORE = 0
const ABORT = 2

/**
 * Has a Node not look for deadlocks in V8. Abseil does where it is compiled without NDEBUG, as in Node: with each lock it keeps in which order locks
 * are taken, which is a table of 1 MB, and would end the process at an order that might hang another time. One number says so.
 * @param node with its symbols
 * @throws Error if the number is not found, or is another
 */
export function leaveOutDeadlockCheck(node: string): void {
  const file = openSync(node, 'r+')
  try {
    const offset = offsetOfMode(node)
    const mode = Buffer.alloc(4)
    readSync(file, mode, 0, mode.length, offset)
    // Both processors are little-endian.
    if (mode.readUInt32LE() !== ABORT) throw new Error(`${node}: ${MODE} is ${mode.readUInt32LE()} and not ${ABORT}`)
    mode.writeUInt32LE(IGNORE)
    writeSync(file, mode, 0, mode.length, offset)
  } finally {
    closeSync(file)
  }
}

/** Where it lies in the file of a program. @throws Error if there is none */
export function offsetOfMode(node: string): number {
  const ask = ['--wide', '--syms', '--section-headers', node]
  const said = execFileSync('readelf', ask, { encoding: 'utf8', maxBuffer: 1 << 28 })
  const [, address, index] =
    new RegExp(`: ([\\da-f]+) +4 OBJECT +LOCAL +DEFAULT +(\\d+) ${MODE}$`, 'm').exec(said) ?? []
  const section = new RegExp(`^ *\\[ *${index}\\] \\.data +PROGBITS +([\\da-f]+) ([\\da-f]+) `, 'm')
  const [, start, from] = section.exec(said) ?? []
  if (start === undefined) throw new Error(`${node}: no symbol ${MODE} says whether it looks for deadlocks`)
  return Number(`0x${address}`) - Number(`0x${start}`) + Number(`0x${from}`)
}
