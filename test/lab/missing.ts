import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { labIsMissing } from './bmc.ts'

const PROGRAMS = ['qemu-system-x86_64', 'mmdebstrap', 'mke2fs', 'cpio', 'depmod', 'setpriv', 'rpmbuild', 'busybox']
const REMEDY =
  'apt-get install qemu-system-x86 mmdebstrap e2fsprogs cpio kmod busybox-static linux-headers-amd64 make gcc g++ rpm xz-utils'

/** Why no guest can run here, or false. In CI that is a failure, not a reason to skip. */
export function guestIsMissing(): string | false {
  if (process.env.CI === 'true') return false
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  if (globSync('/usr/src/linux-headers-*-amd64').length === 0) missing.push('linux-headers-amd64')
  if (missing.length > 0) return `needs ${missing.join(', ')}: ${REMEDY}`
  if (process.geteuid?.() !== 0) return 'making the image takes root'
  return labIsMissing()
}
