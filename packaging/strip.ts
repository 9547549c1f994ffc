import { execFileSync } from 'node:child_process'
import type { Architecture } from './architecture.ts'

/** Takes from a program or a library what no loader reads: its symbols and what debuggers ask for. */
export function strip({ triplet }: Architecture, path: string): void {
  execFileSync(`${triplet}-strip`, ['--strip-unneeded', path])
}
