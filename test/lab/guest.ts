/** A server in QEMU. Debian: qemu-system-x86 e2fsprogs util-linux, and what image.ts needs. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import type { Image } from './image.ts'
import { GuestShell } from './shell.ts'

/** On two busy cores without virtualisation a boot takes up to a minute. */
const BOOT_PATIENCE_MS = 300_000
const PATIENCE_MS = 120_000
const RETRY_MS = 50
const LEDGER_DISK_SIZE = '64M'

export interface GuestOptions {
  readonly image: Image
  /** Appears as /lab, to be read. */
  readonly shown: string
  /** Port of the BMC's VM codec. */
  readonly bmcPort: number
}

export class Guest implements AsyncDisposable {
  /** Where the guest's exporter is found from here. */
  readonly address: string
  readonly #options: GuestOptions
  readonly #folder: string
  readonly #port: number
  #process: ChildProcess | null = null
  #shell: GuestShell | null = null

  private constructor(options: GuestOptions, folder: string, port: number) {
    this.#options = options
    this.#folder = folder
    this.#port = port
    this.address = `http://127.0.0.1:${port}`
  }

  /** A new one, booted. The BMC must run: the kernel looks for it once. */
  static async boot(options: GuestOptions): Promise<Guest> {
    const folder = mkdtempSync(join(tmpdir(), 'wattledger-guest-'))
    const guest = new Guest(options, folder, await freePort('tcp'))
    execFileSync('cp', ['--sparse=always', options.image.disk, join(folder, 'root')])
    execFileSync('mke2fs', ['-q', '-t', 'ext4', join(folder, 'ledger'), LEDGER_DISK_SIZE])
    try {
      await guest.switchOn()
    } catch (error) {
      await guest[Symbol.asyncDispose]()
      throw error
    }
    return guest
  }

  /** Boots it from its disks as they are. */
  async switchOn(): Promise<void> {
    const log = openSync(join(this.#folder, 'console'), 'a')
    // Whatever ends the test ends the guest.
    const program = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...this.#arguments()]
    const process = spawn('setpriv', program, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#process = process
    this.#shell = await this.#connect(process)
    // Failed units are a test's own concern.
    await this.run('systemctl is-system-running --wait || true', BOOT_PATIENCE_MS)
  }

  /** Takes the power away, as a pulled plug does. Resolves when nothing of it runs any more. */
  async cutPower(): Promise<void> {
    const process = this.#process
    this.#process = null
    this.#shell?.close()
    if (process !== null && process.exitCode === null && process.signalCode === null) {
      process.kill('SIGKILL')
      await once(process, 'exit')
    }
    rmSync(join(this.#folder, 'shell'), { force: true })
  }

  /** What a command of the guest's bash prints, run as root. Throws if it fails. */
  run(command: string, patienceMs = PATIENCE_MS): Promise<string> {
    if (this.#shell === null) throw new Error('the guest is off')
    return this.#shell.run(command, patienceMs)
  }

  /** What the kernel and QEMU said. */
  console(): string {
    return readFileSync(join(this.#folder, 'console'), 'latin1').slice(-4_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cutPower()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #connect(qemu: ChildProcess): Promise<GuestShell> {
    for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
      const shell = await GuestShell.connect(join(this.#folder, 'shell')).catch(() => null)
      if (shell !== null) return shell
      if (qemu.exitCode !== null || waitedMs > PATIENCE_MS) throw new Error(`QEMU does not start: ${this.console()}`)
      await new Promise((done) => setTimeout(done, RETRY_MS))
    }
  }

  #arguments(): string[] {
    const { image, shown, bmcPort } = this.#options
    const disk = (name: string) => `file=${join(this.#folder, name)},format=raw,if=virtio,cache=unsafe`
    const options: readonly (readonly [string, string])[] = [
      // Never KVM: what a machine offers differs, and a guest of this kind hung where it was there.
      ['accel', 'tcg,thread=multi'],
      ['machine', 'pc'],
      // Without string instructions of one byte and a fifth level of page tables, which make an emulated kernel slow.
      ['cpu', 'max,vendor=GenuineIntel,-erms,-la57'],
      ['smp', '2'],
      ['m', '1024'],
      ['display', 'none'],
      ['serial', 'stdio'],
      ['kernel', image.kernel],
      ['initrd', image.initramfs],
      ['append', 'console=ttyS0 root=/dev/vda rw quiet net.ifnames=0 mitigations=off panic=-1'],
      ['drive', disk('root')],
      ['drive', disk('ledger')],
      ['virtfs', `local,path=${shown},mount_tag=lab,security_model=none,readonly=on`],
      ['netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${this.#port}-:10910`],
      ['device', 'virtio-net-pci,netdev=net,romfile='],
      ['device', 'virtio-serial-pci'],
      ['chardev', `socket,id=shell,path=${join(this.#folder, 'shell')},server=on,wait=off`],
      ['device', 'virtserialport,chardev=shell,name=lab'],
      ['chardev', `socket,id=bmc,host=127.0.0.1,port=${bmcPort},reconnect=1`],
      ['device', 'ipmi-bmc-extern,id=bmc0,chardev=bmc'],
      ['device', 'isa-ipmi-kcs,bmc=bmc0'],
    ]
    return ['-nodefaults', '-no-reboot', ...options.flatMap(([name, value]) => [`-${name}`, value])]
  }
}
