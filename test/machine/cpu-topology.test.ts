import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findDies, onlineCpus, parseCpuList, socketsOf } from '../../src/machine/cpu-topology.ts'
import { writeMachine } from '../fixtures/machines/machine.ts'
import fc from '../property.ts'

/** A machine of CPUs, each with what the kernel says of its place. */
function sysfs(t: TestContext, cpus: Readonly<Record<number, Readonly<Record<string, string>>>>, online = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'wattledger-topology-'))
  t.after(() => rmSync(root, { recursive: true }))
  const files = Object.entries(cpus).flatMap(([cpu, attributes]) =>
    Object.entries(attributes).map(([name, text]) => [`devices/system/cpu/cpu${cpu}/topology/${name}`, `${text}\n`]),
  )
  writeMachine(root, { ...Object.fromEntries(files), 'devices/system/cpu/online': `${online}\n` })
  return root
}

test('CPU lists', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(600), { maxLength: 40 }), (cpus) => {
      const sorted = cpus.toSorted((a, b) => a - b)
      assert.deepEqual(parseCpuList(`${sorted.join(',')}\n`), sorted)
    }),
  )
  assert.deepEqual(parseCpuList('0-3,8'), [0, 1, 2, 3, 8])
  assert.deepEqual(parseCpuList('\n'), [])
  for (const text of ['3-1', '0-', 'a', '0,,1', '0-99999', '-1', '1 2'])
    assert.equal(parseCpuList(text), undefined, text)
  const noise = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^(-|:|,|[0-9.e+x]|\n){0,12}$/))
  fc.assert(
    fc.property(noise, (text) => {
      assert.ok(parseCpuList(text)?.every((cpu) => Number.isSafeInteger(cpu) && cpu >= 0) ?? true)
    }),
  )
})

test('sockets are the packages of the CPUs that are online, in order; one where the kernel knows none', (t) => {
  const of = (id: string) => ({ physical_package_id: id })
  assert.deepEqual(socketsOf(sysfs(t, { 0: of('1'), 1: of('0'), 2: of('1'), 10: of('36') })), [0, 1, 36])
  assert.deepEqual(socketsOf(sysfs(t, { 0: of('-1'), 1: of('-1') })), [0])
  assert.deepEqual(socketsOf('/nowhere'), [0])
})

test('a die is read through the first of its CPUs; one that went offline belongs to none', (t) => {
  const die = (packageId: string, dieId: string, list: string) => ({
    physical_package_id: packageId,
    die_id: dieId,
    die_cpus_list: list,
  })
  const root = sysfs(
    t,
    { 0: die('0', '0', '0-1'), 1: die('0', '0', '0-1'), 2: die('0', '1', '2'), 3: { physical_package_id: '1' } },
    '0-4',
  )
  assert.deepEqual(onlineCpus(root), [0, 1, 2, 3, 4])
  assert.deepEqual(findDies(root, onlineCpus(root)), [
    { packageId: 0, dieId: 0, cpu: 0, listed: 2 },
    { packageId: 0, dieId: 1, cpu: 2, listed: 1 },
    { packageId: 1, dieId: 0, cpu: 3, listed: 1 },
  ])
  assert.deepEqual(findDies(root, [1]), [{ packageId: 0, dieId: 0, cpu: 1, listed: 1 }])
  assert.deepEqual(onlineCpus('/nowhere'), [])
})
