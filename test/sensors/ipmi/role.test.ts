import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oncePerSupply, roleOf } from '../../../src/sensors/ipmi/role.ts'
import { type PowerSensor, powerSensorOf } from '../../../src/sensors/ipmi/sdr.ts'
import { sdrRecord } from './sdr-record.ts'

const UNSPECIFIED = 0
const PROCESSOR = 3
const SYSTEM_BOARD = 7
const MEMORY = 8
const SUPPLY = 10
const CHASSIS = 23

function sensor(name: string, entityId: number, entityInstance = 1): PowerSensor {
  const found = powerSensorOf(sdrRecord({ name, entityId, entityInstance }))
  assert.ok(found)
  return found
}

const role = (name: string, entityId: number, sharesChassis = false) =>
  roleOf(sensor(name, entityId), sharesChassis).role

function rank(name: string, entityId: number): number {
  const its = roleOf(sensor(name, entityId), false)
  assert.ok(its.role === 'total')
  return its.rank
}

describe('names of sensors', () => {
  const names = {
    total: [
      'Pwr Consumption',
      'System Level',
      'Sys Power',
      'SYS_POWER',
      'Total_Power',
      'Total Power',
      'TOTAL_PWR',
      'Power Meter',
      'System Power',
      'Node Power',
      'LM5066_PIN',
      'CWG_LM5066I_PIN',
    ],
    supply: [
      'PS1 Input Power',
      'PS2 Power',
      'PSU1_PIN',
      'PSU2 PIN',
      'PS1 PIN',
      'Power Supply 1',
      'PSU1 Power In',
      'PSU1 AC Input Power',
    ],
    other: [
      'PS1 Output Power',
      'PSU1_POUT',
      'PSU1 Power Out',
      'CPU1 Power',
      'CPU Package Power',
      'DIMM Power',
      'GPU3 Power',
      'FAN Power',
      'HDD Power',
      'Pwr Cap',
      'Power Limit',
      'Power Budget',
      'Total Power Cap',
      'System Power Max',
      'SysPower %',
      'Inlet Temp',
      'Riser 1 Power',
      'Power1',
    ],
  }
  for (const [expected, all] of Object.entries(names)) {
    test(`${expected}: ${all.join(', ')}`, () => {
      for (const name of all) {
        for (const entity of [UNSPECIFIED, SYSTEM_BOARD]) assert.equal(role(name, entity), expected, name)
      }
    })
  }

  test('the most certain name of a total comes first', () => {
    assert.ok(rank('Pwr Consumption', SYSTEM_BOARD) < rank('System Power', SYSTEM_BOARD))
    assert.ok(rank('System Power', SYSTEM_BOARD) < rank('Power Meter', SYSTEM_BOARD))
  })
})

describe('entities of sensors', () => {
  test('a name that says nothing but power counts by what the record places it at', () => {
    for (const name of ['Power', 'Input Power', 'AC Power', 'Power Usage', 'Watts']) {
      assert.equal(role(name, SYSTEM_BOARD), 'total', name)
      assert.equal(role(name, UNSPECIFIED), 'other', name)
      assert.equal(role(name, SUPPLY), 'supply', name)
    }
    for (const name of ['Power1', 'PMB2Power', 'Power Meter']) assert.equal(role(name, SUPPLY), 'supply', name)
  })

  test('what no supply would be called is a total wherever it is', () => {
    assert.equal(role('Total Power', SUPPLY), 'total')
    assert.ok(rank('Power', SYSTEM_BOARD) < rank('Total Power', UNSPECIFIED))
    assert.ok(rank('System Power', UNSPECIFIED) < rank('Total Power', SUPPLY))
  })

  test('outputs and rails of a supply are not its input', () => {
    for (const name of ['PS1 12V Power', 'PMB1 Pout', 'Power Out', 'Fan Power'])
      assert.equal(role(name, SUPPLY), 'other')
  })

  test('a part is not the machine, whatever its sensor is called', () => {
    for (const entity of [PROCESSOR, MEMORY, 11, 32]) assert.equal(role('System Power', entity), 'other')
  })

  test('a chassis is the machine where no other machine is in it', () => {
    assert.equal(role('Chassis Power', SYSTEM_BOARD), 'total')
    assert.equal(role('System Power', CHASSIS), 'total')
    assert.equal(role('PS1 Input Power', CHASSIS), 'supply')
    assert.ok(rank('System Power', UNSPECIFIED) < rank('Chassis Power', SYSTEM_BOARD))
    for (const name of ['Chassis Power', 'Enclosure Power']) assert.equal(role(name, SYSTEM_BOARD, true), 'other')
    assert.equal(role('System Power', CHASSIS, true), 'other')
    assert.equal(role('PS1 Input Power', SUPPLY, true), 'other')
    assert.equal(role('System Power', SYSTEM_BOARD, true), 'total')
  })

  test('of two sensors of one supply the one that says input counts', () => {
    const names = (...sensors: PowerSensor[]) => oncePerSupply(sensors).map(({ name }) => name)
    assert.deepEqual(
      names(sensor('PSU1 Power', SUPPLY, 1), sensor('PSU1 PIN', SUPPLY, 1), sensor('PSU2 Power', SUPPLY, 2)),
      ['PSU1 PIN', 'PSU2 Power'],
    )
    // Careless records give every supply one instance, or none.
    const careless = [sensor('PS1 PIN', SUPPLY, 0), sensor('PS2 PIN', SUPPLY, 0)]
    assert.deepEqual(names(...careless), ['PS1 PIN', 'PS2 PIN'])
    assert.deepEqual(names(sensor('PS1 PIN', SYSTEM_BOARD), sensor('PS2 Power', SYSTEM_BOARD)), [
      'PS1 PIN',
      'PS2 Power',
    ])
  })
})
