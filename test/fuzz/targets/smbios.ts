import assert from 'node:assert/strict'
import { parseSmbios } from '../../../src/machine/smbios.ts'
import type { FuzzTarget } from '../target.ts'

const structure = (type: number, length: number) =>
  Buffer.concat([Buffer.of(type, length), Buffer.alloc(length)]).toString('latin1')

/** The firmware's table: it never throws, and finds no more parts than there are structures of four bytes. */
export const smbios: FuzzTarget = {
  name: 'smbios',
  tokens: [
    '\0\0',
    structure(17, 0x54),
    structure(4, 0x30),
    structure(39, 0x16),
    structure(127, 4),
    '\x7f\xff',
    '\xff\xff',
    'DIMM_A1\0\0',
  ],
  run(input) {
    const { dimmsGib, processors, suppliesW, chassisType } = parseSmbios(input)
    for (const gib of dimmsGib) assert.ok(gib > 0 && gib <= 0x8000_0000 / 1024, `${gib} GiB`)
    for (const { cores } of processors) assert.ok(cores >= 0 && cores <= 0xffff)
    for (const watts of suppliesW) assert.ok(watts === null || (watts > 0 && watts < 0x8000))
    assert.ok(chassisType === null || (chassisType > 0 && chassisType < 0x80))
    assert.ok(dimmsGib.length + processors.length + suppliesW.length <= input.length / 4)
  },
}
