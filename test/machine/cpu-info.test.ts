import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCpuInfo } from '../../src/machine/cpu-info.ts'
import fc from '../property.ts'

const HYGON =
  'processor\t: 0\nvendor_id\t: HygonGenuine\ncpu family\t: 24\nmodel\t\t: 1\nmodel name\t: x\nflags\t\t: fpu hypervisor\n'

test('an x86 processor is known by its vendor, family and model', () => {
  const { isAmd, isIntel, family, model, name, hasHypervisorFlag } = parseCpuInfo(HYGON)
  assert.deepEqual([isAmd, isIntel, family, model, name, hasHypervisorFlag], [true, false, 24, 1, 'x', true])
})

test('CPUs of one package are one socket', () => {
  const cpu = (id: number, socket: number): string =>
    `processor\t: ${id}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon\n` +
    `physical id\t: ${socket}\ncpu cores\t: 2\nflags\t\t: fpu vme\n`
  const { sockets, logicalCpus, isIntel } = parseCpuInfo([cpu(0, 0), cpu(1, 1), cpu(2, 0), cpu(3, 1)].join('\n'))
  const socket = { vendor: 'GenuineIntel', family: 6, model: 85, name: 'Xeon', cores: 2 }
  assert.deepEqual([sockets, logicalCpus, isIntel], [[socket, socket], 4, true])
})

test('arm64 names no sockets', () => {
  const cpu = (id: number): string => `processor\t: ${id}\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n`
  assert.deepEqual(parseCpuInfo(`${cpu(0)}\n${cpu(1)}`), {
    isAmd: false,
    isIntel: false,
    family: -1,
    model: -1,
    name: null,
    sockets: [],
    logicalCpus: 2,
    hasHypervisorFlag: false,
  })
})

test('arm and powerpc call the name otherwise', () => {
  assert.equal(parseCpuInfo('Processor\t: ARMv7 rev 4\nprocessor\t: 0\n').name, 'ARMv7 rev 4')
  assert.equal(parseCpuInfo('processor\t: 0\ncpu\t\t: POWER9, altivec supported\n').name, 'POWER9, altivec supported')
  assert.equal(parseCpuInfo('processor\t: 0\nmodel name\t: \n').name, null)
})

test('no text makes the parser throw or a number out of nothing', () => {
  const line = fc
    .tuple(fc.constantFrom('processor', 'vendor_id', 'cpu family', 'model', 'physical id', ''), fc.string())
    .map(([key, value]) => `${key}\t: ${value}\n`)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(line).map((lines) => lines.join('')),
      ),
      (text) => {
        const { family, model } = parseCpuInfo(text)
        assert.ok([family, model].every((number) => Number.isInteger(number) && number >= -1 && number <= 9_999))
      },
    ),
  )
})
