import { Integration } from '../../src/integration/integration.ts'
import type { MachineModel } from '../../src/integration/integration-options.ts'
import { createSupply } from '../../src/integration/supply.ts'
import type { LedgerState } from '../../src/model/batch.ts'
import type { CarbonAccount } from '../../src/model/carbon.ts'
import type { CounterChannel, PowerChannel } from '../../src/model/channel.ts'
import type { Clock } from '../../src/model/clock.ts'
import type { Reading } from '../../src/model/reading.ts'
import { NS_PER_S } from '../../src/model/units.ts'
import { aCarbon, value } from '../carbon/a-carbon.ts'

/** A clock that only moves when told. */
export class TestClock implements Clock {
  ns = 999n * NS_PER_S
  suspendedNs = 0n
  wallMs = Date.parse('2026-03-01T10:00:00Z')

  monotonicNs = (): bigint => this.ns
  boottimeNs = (): bigint => this.ns + this.suspendedNs
  unixMs = (): number => this.wallMs

  advance(ns: bigint): void {
    this.ns += ns
    this.wallMs += Number(ns / 1_000_000n)
  }
}

export const seconds = (s: number): bigint => BigInt(Math.round(s * 1e9))
export const watts = (w: number): bigint => BigInt(Math.round(w * 1e6))

export function counterChannel(device: string, overrides: Partial<CounterChannel> = {}): CounterChannel {
  return {
    sensor: 'rapl',
    scope: 'package',
    device,
    kind: 'counter',
    quality: 'measured',
    modulus: 262_143_328_911n,
    unitUj: { numerator: 1n, denominator: 1n },
    maxPowerUw: watts(1000),
    relativeUncertainty: 0.04,
    nodeMeter: null,
    hardware: device.replace('package', 'socket'),
    intervalNs: NS_PER_S,
    facts: {},
    ...overrides,
  }
}

export function powerChannel(device: string, overrides: Partial<PowerChannel> = {}): PowerChannel {
  return {
    sensor: 'ipmi',
    scope: 'ac_in',
    device,
    kind: 'power',
    quality: 'measured',
    maxPowerUw: watts(100_000),
    relativeUncertainty: 0.02,
    nodeMeter: 'dcmi',
    hardware: null,
    intervalNs: 5n * NS_PER_S,
    facts: {},
    ...overrides,
  }
}

export const estimateChannel = powerChannel('package-0', {
  sensor: 'estimate',
  scope: 'package',
  quality: 'estimated',
  nodeMeter: null,
  hardware: 'socket-0',
  intervalNs: NS_PER_S,
  relativeUncertainty: 0.3,
})

export const count = (atNs: bigint, value: bigint): Reading => ({
  status: 'counter',
  beforeNs: atNs,
  afterNs: atNs,
  count: value,
})
export const power = (atNs: bigint, powerUw: bigint): Reading => ({
  status: 'power',
  beforeNs: atNs,
  afterNs: atNs,
  powerUw,
})
export const failed = (atNs: bigint): Reading => ({
  status: 'failed',
  beforeNs: atNs,
  afterNs: atNs,
  code: 'SENSOR_TRANSIENT',
  message: 'EIO',
})

/** 1 g/kWh, PUE 1: emissions equal energy, so that a test sees both. */
export const plainCarbon = (): CarbonAccount =>
  aCarbon({ sources: [value(1)], unixMs: () => Number.POSITIVE_INFINITY }).carbon

/** Supplies of which nothing is known: an efficiency of 0.92. */
export const machine = {
  memoryGb: 0,
  supply: createSupply({ rated_w: null, count: 2, rating: null, volts: 230 }, null),
}

export function integration(
  clock: Clock,
  restored: LedgerState | null = null,
  bootId = 'boot-1',
  meter = 'auto',
  model: MachineModel = machine,
): Integration {
  return new Integration({
    clock,
    restored,
    bootId,
    meter,
    machine: model,
    carbon: plainCarbon(),
    attribution: null,
    selfCpuShare: () => 0,
  })
}
