import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { askTools } from '../../src/machine/system-tools.ts'
import { aHost } from './a-host.ts'

const SRC = resolve(import.meta.dirname, '../../src')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattledger-fake-tools-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const tool = (name: string, script: string): void =>
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
const prints = (name: string, text: string): void => tool(name, `/bin/cat <<'END'\n${text}\nEND`)
const ask = (host: ReturnType<typeof aHost>, answerMs = 10_000) =>
  askTools(host, { folders: [folder, '/usr/bin', '/bin'], answerMs })

const DMIDECODE = `Handle 0x1100, DMI type 17, 84 bytes
Memory Device
	Size: 32 GB
	Form Factor: DIMM
	Type: DDR4
Handle 0x1101, DMI type 17, 84 bytes
Memory Device
	Size: No Module Installed
	Type: Unknown
Handle 0x1102, DMI type 17, 84 bytes
Memory Device
	Size: 128 GB
	Type: Logical non-volatile device`

const GPU = { address: '0000:3b:00.0', vendor: 0x1002, device: 0x74a1, name: null }
const DISK = { name: 'INTEL SSDSC2KG96', gb: 960.197124096, rotates: false }

test('modules are those of dmidecode where the table is not to be seen', async () => {
  prints('dmidecode', DMIDECODE)
  assert.deepEqual((await ask(aHost({ dimmsGib: null }))).dimmsGib, [32])
  assert.deepEqual((await ask(aHost({ dimmsGib: [16] }))).dimmsGib, [16], 'what is seen needs no second word')
})

test('the one module that is made up without dmidecode is none', async () => {
  const { dimmsGib } = await askTools(aHost({ dimmsGib: null }), { folders: [] })
  assert.equal(dimmsGib, null)
})

test('disks and GPUs get their full names', async () => {
  const disk = { name: 'sda', path: '/dev/sda', type: 'disk', size: 960_197_124_096, model: 'INTEL SSDSC2KG960G8' }
  prints('lsblk', JSON.stringify({ blockdevices: [disk] }))
  prints('lspci', '3b:00.0 Display controller: Advanced Micro Devices, Inc. [AMD/ATI] Aqua Vanjaram [Instinct MI300X]')
  const { disks, gpus } = await ask(aHost({ disks: [DISK], gpus: [GPU] }))
  assert.deepEqual(disks, [{ ...DISK, name: 'INTEL SSDSC2KG960G8' }])
  assert.match(gpus[0]?.name ?? '', /Advanced Micro Devices.*MI300X/)
})

test('nothing else is started: no disk is woken, and no GPU', async () => {
  for (const name of ['smartctl', 'nvidia-smi', 'clinfo', 'xrandr', 'xdpyinfo', 'which', 'fbset', 'ls']) {
    tool(name, `echo woken > ${folder}/woken`)
  }
  const disk = { name: 'sda', path: '/dev/sda', type: 'disk', size: 960_197_124_096, model: 'INTEL SSDSC2KG960G8' }
  prints('lsblk', JSON.stringify({ blockdevices: [disk] }))
  prints('lspci', '3b:00.0 3D controller: NVIDIA Corporation GH100 [H100 SXM5 80GB] (rev a1)')
  const before = process.env.PATH
  const { disks } = await ask(aHost({ disks: [DISK], gpus: [GPU] }))
  assert.equal(disks[0]?.name, 'INTEL SSDSC2KG960G8')
  assert.equal(existsSync(join(folder, 'woken')), false)
  assert.equal(process.env.PATH, before)
})

test('a tool that hangs is not waited for, and costs only its own answer', async () => {
  tool('lspci', `echo $$ > ${folder}/pid; exec /bin/sleep 60`)
  prints('dmidecode', DMIDECODE)
  const { gpus, dimmsGib } = await ask(aHost({ dimmsGib: null, gpus: [GPU] }), 2_000)
  process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')))
  assert.deepEqual([gpus, dimmsGib], [[GPU], [32]])
})

test('the daemon and the command load none of it until they ask', () => {
  const script = `import { createRequire } from 'node:module'
    for (const part of ['daemon.ts', 'commands/inventory.ts']) await import('${SRC}/' + part)
    console.log(Object.keys(createRequire('${SRC}/').cache).filter((file) => file.includes('systeminformation')).length)`
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  assert.equal(out, '0\n')
})
