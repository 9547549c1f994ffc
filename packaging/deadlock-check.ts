import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { findSymbol } from './symbol.ts'

/** In Abseil, which V8 locks with. */
const MODE = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE'
/** As `absl::OnDeadlockCycle` counts. */
const IGNORE = 0
const ABORT = 2
const MODE_BYTES = 4

/**
 * Has a Node not look for deadlocks in V8. Abseil does where it is compiled without NDEBUG, as in Node: with each lock it keeps in which order locks
 * are taken, which is a table of 1 MB, and would end the process at an order that might hang another time. One number says so.
 * @param node with its symbols
 * @throws Error if the number is not found, or is another
 */
export function leaveOutDeadlockCheck(node: string): void {
  const found = findSymbol(node, 'LOCAL', '.data', MODE)
  if (found?.size !== MODE_BYTES) throw new Error(`${node}: no symbol ${MODE} says whether it looks for deadlocks`)
  const file = openSync(node, 'r+')
  try {
    const mode = Buffer.alloc(MODE_BYTES)
    readSync(file, mode, 0, mode.length, found.offset)
    // Both processors are little-endian.
    if (mode.readUInt32LE() !== ABORT) throw new Error(`${node}: ${MODE} is ${mode.readUInt32LE()} and not ${ABORT}`)
    mode.writeUInt32LE(IGNORE)
    writeSync(file, mode, 0, mode.length, found.offset)
  } finally {
    closeSync(file)
  }
}
