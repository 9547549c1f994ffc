import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

interface Device {
  readonly address: string
  readonly class: string
  readonly id: string
  readonly driver?: string
  readonly bridge?: string
  readonly isVirtual?: boolean
}

/** Root of a sysfs with these devices on its PCI bus, each behind a bridge of its own. */
export function bus(t: TestContext, devices: readonly Device[]): string {
  const sysfs = mkdtempSync(join(tmpdir(), 'wattledger-'))
  t.after(() => rmSync(sysfs, { recursive: true }))
  mkdirSync(join(sysfs, 'bus/pci/devices'), { recursive: true })
  for (const { address, class: pciClass, id, driver, bridge = '8086', isVirtual } of devices) {
    const parent = join(sysfs, 'devices', `bridge-of-${address}`)
    const path = join(parent, address)
    mkdirSync(path, { recursive: true })
    const [vendor, device] = id.split(':')
    writeFileSync(join(parent, 'vendor'), `0x${bridge}\n`)
    writeFileSync(join(path, 'vendor'), `0x${vendor}\n`)
    writeFileSync(join(path, 'device'), `0x${device}\n`)
    writeFileSync(join(path, 'class'), `0x${pciClass}00\n`)
    if (driver) symlinkSync(`../../../drivers/${driver}`, join(path, 'driver'))
    if (isVirtual) symlinkSync('..', join(path, 'physfn'))
    symlinkSync(path, join(sysfs, 'bus/pci/devices', address))
  }
  return sysfs
}
