import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { syncDirectoryOf } from '../ledger/file/successor.ts'

/** Writes a file and waits until the disk has it. @throws what open(2) and write(2) give. */
export function writeWhole(path: string, text: string | Buffer, mode: number): void {
  rmSync(path, { force: true })
  const file = openSync(path, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A file that stands under its name whole or not at all. */
export function replaceWhole(path: string, text: string): void {
  writeWhole(`${path}.draft`, text, 0o640)
  moveIntoPlace(`${path}.draft`, path)
}

/** Under its name for good, also after a power cut. */
export function moveIntoPlace(draft: string, path: string): void {
  renameSync(draft, path)
  syncDirectoryOf(path)
}
