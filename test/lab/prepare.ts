/** Makes what the lab's guests are made of, side by side, so that its tests find it. With a name: that part alone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { guestImage } from './image.ts'
import { guestIsMissing } from './missing.ts'
import { presentPackage, previousPackage } from './packages.ts'
import { powercapModule } from './powercap-module.ts'

const PARTS: Readonly<Record<string, () => Promise<unknown>>> = {
  image: guestImage,
  module: powercapModule,
  package: presentPackage,
  previous: previousPackage,
}

async function make(part: string): Promise<void> {
  const beganMs = performance.now()
  await PARTS[part]?.()
  console.log(`${part}: ${Math.round((performance.now() - beganMs) / 1e3)} s`)
}

/** In processes of their own: each waits for programs without doing anything else. */
async function makeAll(): Promise<void> {
  const children = Object.keys(PARTS).map((part) =>
    spawn(process.execPath, [import.meta.filename, part], { stdio: 'inherit' }),
  )
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
  if (codes.some((code) => code !== 0)) process.exitCode = 1
}

const part = process.argv[2]
if (guestIsMissing()) console.log(`nothing prepared: ${guestIsMissing()}`)
else await (part === undefined ? makeAll() : make(part))
