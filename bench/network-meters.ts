/** What one reading over the network costs through its sensor, beside a bare exchange with the same device on this machine. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import type { Sensor } from '../src/model/sensor.ts'
import { systemClock } from '../src/native/system-clock.ts'
import { http } from '../src/sensors/http/http.ts'
import { httpSchema } from '../src/sensors/http/schema.ts'
import { nut } from '../src/sensors/nut/nut.ts'
import { nutSchema } from '../src/sensors/nut/schema.ts'
import { pdu } from '../src/sensors/pdu/pdu.ts'
import { pduSchema } from '../src/sensors/pdu/schema.ts'
import { Device } from '../test/sensors/http/device.ts'
import { Upsd } from '../test/sensors/nut/upsd.ts'
import { Rack } from '../test/sensors/pdu/rack.ts'
import type { BenchRow } from './row.ts'

const ROUNDS = 300
const { signal } = new AbortController()
const CONTEXT = { sysfs: '/sys', procfs: '/proc', devfs: '/dev', clock: systemClock }

/** Time of one turn in microseconds: the median, of turns that follow each other. */
async function medianUs(turn: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const startNs = systemClock.monotonicNs()
    await turn()
    times.push(Number(systemClock.monotonicNs() - startNs) / 1e3)
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}

async function row(name: string, aim: string, sensor: Sensor, bare: () => Promise<unknown>): Promise<BenchRow> {
  await sensor.open(signal)
  const [readUs, bareUs] = [await medianUs(() => sensor.readNow(signal)), await medianUs(bare)]
  await sensor.close()
  const ratio = (readUs / bareUs).toFixed(2)
  return { name, figure: `${readUs.toFixed(0)} µs; bare exchange ${bareUs.toFixed(0)} µs: ${ratio}x`, aim }
}

export async function networkMeterRows(): Promise<BenchRow[]> {
  const ends: (() => unknown)[] = []
  const after = (end: unknown): void => {
    ends.push(end as () => unknown)
  }
  const context = { after } as Parameters<typeof Device.start>[0]
  try {
    return [await httpRow(context), await nutRow(context, ends), await pduRow(context, ends)]
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

async function httpRow(context: Parameters<typeof Device.start>[0]): Promise<BenchRow> {
  const url = `${(await Device.start(context)).url}/meter/0`
  const inputs = [{ url, value: 'power', unit: 'W', scope: 'ac_in', device: 'plug' }]
  const bare = async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    get(url, { agent: false }, (answer) => answer.resume().on('end', resolve))
    await promise
  }
  return row(
    'http, one reading',
    'below 1 ms, each 5 to 10 s',
    http.create(httpSchema.parse({ interval: '1h', inputs }), CONTEXT),
    bare,
  )
}

async function nutRow(context: Parameters<typeof Device.start>[0], ends: (() => unknown)[]): Promise<BenchRow> {
  const { server } = await Upsd.start(context)
  const inputs = [{ server, ups: 'rack', scope: 'ac_in', device: 'ups' }]
  const socket = connect({ host: '127.0.0.1', port: Number(server.split(':')[1]), noDelay: true })
  ends.push(() => socket.destroy())
  const bare = () => {
    socket.write('GET VAR rack ups.realpower\n')
    return once(socket, 'data')
  }
  return row(
    'nut, one reading',
    'below 1 ms, each 5 to 10 s',
    nut.create(nutSchema.parse({ interval: '1h', inputs }), CONTEXT),
    bare,
  )
}

async function pduRow(context: Parameters<typeof Device.start>[0], ends: (() => unknown)[]): Promise<BenchRow> {
  const rack = await Rack.start(context)
  rack.say('sentry4', '1.1.1', 150, 160, 88_001)
  const devices = [{ address: rack.address, profile: 'sentry4', outlets: ['1.1.1'] }]
  const socket = createSocket('udp4')
  ends.push(() => socket.close())
  const request = await requestOf(devices)
  socket.connect(rack.port, '127.0.0.1')
  await once(socket, 'connect')
  const bare = () => {
    socket.send(request)
    return once(socket, 'message')
  }
  return row(
    'pdu, one reading',
    'below 1 ms, each 5 to 10 s',
    pdu.create(pduSchema.parse({ interval: '1h', devices }), CONTEXT),
    bare,
  )
}

/** What the sensor asks, as it is on the wire. */
async function requestOf(devices: readonly object[]): Promise<Buffer> {
  const tap = createSocket('udp4').bind(0, '127.0.0.1')
  await once(tap, 'listening')
  const asked = once(tap, 'message') as Promise<[Buffer]>
  const tapped = devices.map((device) => ({ ...device, address: `127.0.0.1:${tap.address().port}` }))
  const sensor = pdu.create(pduSchema.parse({ deadline: '200ms', devices: tapped }), CONTEXT)
  const opening = sensor.open(signal).catch(() => {})
  const [request] = await asked
  await opening
  tap.close()
  return request
}
