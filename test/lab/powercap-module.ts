/** Builds the kernel module of the powercap zones. Debian: linux-headers-amd64 make gcc. */
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kept } from './kept.ts'
import { kernelRelease } from './kernel.ts'

const SOURCES = join(import.meta.dirname, 'powercap')

/** @returns a folder with lab_powercap.ko */
export function powercapModule(): Promise<string> {
  const release = kernelRelease()
  const inputs = [release, ...['Kbuild', 'lab_powercap.c'].map((name) => readFileSync(join(SOURCES, name), 'utf8'))]
  return kept('powercap', inputs, (folder) => {
    cpSync(SOURCES, folder, { recursive: true })
    const args = ['-C', `/usr/src/linux-headers-${release}`, `M=${folder}`, '--silent', 'modules']
    execFileSync('make', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  })
}
