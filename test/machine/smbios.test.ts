import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSmbios } from '../../src/machine/smbios.ts'
import fc from '../property.ts'
import { chassis, END, memoryDevice, powerSupply, processor, structure } from './smbios-table.ts'

test('modules, processors and supplies of a table', () => {
  const table = Buffer.concat([
    structure(1, Buffer.alloc(23), ['Dell Inc.', 'PowerEdge R740']),
    chassis(23, { hasLock: true }),
    chassis(25),
    processor({ populated: true, cores: 28 }),
    processor({ populated: false, cores: 28 }),
    processor({ populated: true, cores: 288 }),
    memoryDevice({ sizeMb: 16_384 }),
    memoryDevice({ sizeMb: 65_536 }),
    memoryDevice({ sizeMb: 0 }),
    memoryDevice({ sizeMb: 131_072, technology: 7 }),
    memoryDevice({ sizeMb: 16, memoryType: 0x09 }),
    powerSupply({ present: true }),
    powerSupply({ present: false }),
    END,
    memoryDevice({ sizeMb: 16_384 }),
  ])
  assert.deepEqual(parseSmbios(table), {
    dimmsGib: [16, 64],
    suppliesW: [null],
    chassisType: 23,
    processors: [{ cores: 28 }, { cores: 288 }],
  })
})

test('a supply says its rating, or that it is not known', () => {
  const ratings = (...supplies: readonly Parameters<typeof powerSupply>[0][]) =>
    parseSmbios(Buffer.concat(supplies.map((supply) => powerSupply(supply)))).suppliesW
  assert.deepEqual(ratings({ present: true, watts: 800 }, { present: true, watts: 1_100 }), [800, 1_100])
  assert.deepEqual(ratings({ present: true, watts: 800 }, { present: false, watts: 800 }), [800])
  assert.deepEqual(ratings({ present: true, watts: 800 }, { present: true }), [800, null])
  assert.deepEqual(ratings({ present: true, watts: 0 }), [null])
  assert.deepEqual(ratings(), [])
})

test('modules of every size are found, whatever strings stand between them', () => {
  const module = fc.tuple(
    fc.integer({ min: 1, max: 0x7fff_ffff }),
    fc.array(fc.stringMatching(/^[\x20-\x7e]{1,20}$/), { maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.array(module, { maxLength: 40 }), (modules) => {
      const table = Buffer.concat(modules.map(([sizeMb, strings]) => memoryDevice({ sizeMb, strings })))
      assert.deepEqual(
        parseSmbios(table).dimmsGib,
        modules.map(([sizeMb]) => sizeMb / 1024),
      )
    }),
  )
})

test('no bytes are anything but parsed, and what is cut off adds nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const { dimmsGib, suppliesW, processors } = parseSmbios(Buffer.from(bytes))
      assert.ok(
        dimmsGib.every((gb) => gb > 0) &&
          suppliesW.every((watts) => watts !== 0) &&
          processors.every(({ cores }) => cores >= 0),
      )
    }),
  )
  const table = Buffer.concat([memoryDevice({ sizeMb: 1024 }), memoryDevice({ sizeMb: 2048 })])
  for (let length = 0; length < table.length; length++) {
    const { dimmsGib } = parseSmbios(table.subarray(0, length))
    assert.ok(dimmsGib.length <= 2)
    assert.deepEqual(dimmsGib, [1, 2].slice(0, dimmsGib.length))
  }
})
