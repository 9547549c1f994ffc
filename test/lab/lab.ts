import { linkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Bmc, startBmc } from './bmc.ts'
import { Guest } from './guest.ts'
import { GuestService } from './guest-service.ts'
import { guestImage } from './image.ts'
import { kept } from './kept.ts'
import { presentPackage, previousPackage } from './packages.ts'
import { powercapModule } from './powercap-module.ts'
import { Watch } from './watch.ts'

const INSTALL_PATIENCE_MS = 600_000
/** Of the powercap zones; its parameters stand in powercap/lab_powercap.c. */
export const MODULE = '/lab/lab_powercap.ko'

/** A server with its BMC: booted, watched, and with nothing installed. Ends with everything in it. */
export class Lab implements AsyncDisposable {
  readonly bmc: Bmc
  readonly guest: Guest
  readonly service: GuestService
  readonly watch: Watch

  private constructor(bmc: Bmc, guest: Guest) {
    this.bmc = bmc
    this.guest = guest
    this.service = new GuestService(guest)
    this.watch = new Watch(this.service)
  }

  static async start(): Promise<Lab> {
    const bmc = await startBmc()
    try {
      const bmcPort = Number(new URL(bmc.vmUrl).port)
      const guest = await Guest.boot({ image: await guestImage(), shown: await shownFolder(), bmcPort })
      const lab = new Lab(bmc, guest)
      await guest.run(`insmod ${MODULE}`)
      return lab
    } catch (error) {
      await bmc[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Installs a package of /lab as an administrator does, whose last step starts the service. */
  async install(deb = 'wattledger.deb'): Promise<void> {
    await this.guest.run(`dpkg -i /lab/${deb}`, INSTALL_PATIENCE_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.watch.stop()
    await this.guest[Symbol.asyncDispose]()
    await this.bmc[Symbol.asyncDispose]()
  }
}

/** What the guest sees as /lab. */
async function shownFolder(): Promise<string> {
  const files = [
    join(await presentPackage(), 'wattledger.deb'),
    join(await previousPackage(), 'previous.deb'),
    join(await powercapModule(), 'lab_powercap.ko'),
  ]
  return kept('shown', files, (folder) => {
    for (const file of files) linkSync(file, join(folder, basename(file)))
  })
}
