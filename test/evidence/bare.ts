import type { Machine } from '../fixtures/machines/machine.ts'
import { processor } from '../fixtures/machines/rapl.ts'

/** What every machine has: CPU times, memory and a boot. */
export const bare: Machine = {
  'proc/stat':
    'cpu  1000 0 500 90000 100 0 0 0 0 0\ncpu0 500 0 250 45000 50 0 0 0 0 0\ncpu1 500 0 250 45000 50 0 0 0 0 0\n',
  'proc/meminfo': 'MemTotal:       65536000 kB\nMemFree: 1000 kB\n',
  'proc/sys/kernel/random/boot_id': 'b2a7bb5c-6cd0-4c0a-9a5e-6b8f4f3f8a01\n',
}

/** A virtual machine that sees no meter. */
export const vm: Machine = {
  ...bare,
  ...processor({
    vendor: 'GenuineIntel',
    family: 6,
    model: 85,
    name: 'Intel Xeon Processor (Skylake)',
    flags: 'fpu vme hypervisor',
    packages: 1,
    cpusPerPackage: 2,
  }),
}
