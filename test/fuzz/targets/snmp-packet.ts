import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { SensorError } from '../../../src/model/sensor-error.ts'
import { SnmpClient } from '../../../src/sensors/pdu/snmp.ts'
import type { FuzzTarget } from '../target.ts'

const OIDS = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.4.1.1718.4.1.8.3.1.14.1.1.1']
const GET_RESPONSE = 0xa2
/** Of a request of v2c with the community public: where the kind of the packet stands. */
const KIND_AT = 13
const LIMIT_MS = 5_000

let device: Socket | null = null
let client: SnmpClient | null = null
let answer: Buffer = Buffer.alloc(0)

/** A PDU that answers with what it is told to, and then as it should, so that nobody waits. */
async function start(): Promise<SnmpClient> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  device = socket
  await once(socket, 'listening')
  socket.on('message', (request, { port }) => {
    const right = Buffer.from(request)
    right[KIND_AT] = GET_RESPONSE
    const wrong = Buffer.from(right)
    // The first byte says where the rest of the input lies over an answer to this request.
    if (answer.length > 1) answer.copy(wrong, (answer[0] ?? 0) % wrong.length, 1)
    for (const packet of [answer, wrong, right]) socket.send(packet, port, '127.0.0.1')
  })
  const none = { community_file: null, username: null, auth_file: null, privacy_file: null } as const
  const address = `127.0.0.1:${socket.address().port}`
  client = new SnmpClient({ ...none, address, auth: 'sha256', privacy: 'aes' }, LIMIT_MS)
  return client
}

/** What a PDU sends: values of their types, or a reason, and neither a hang nor an end of the agent. */
export const snmpPacket: FuzzTarget = {
  name: 'snmp-packet',
  tokens: [
    '\x30\x82',
    '\x02\x01',
    '\x04\x06public',
    '\x06\x08+\x06\x01\x02\x01\x01\x03\x00',
    '\x43\x04',
    '\x46\x08',
    '\x80\x00',
    '\xff\xff',
  ],
  async run(input) {
    answer = input
    const asked = client ?? (await start())
    try {
      const values = await asked.get(OIDS, AbortSignal.timeout(LIMIT_MS))
      assert.equal(values.length, OIDS.length)
      for (const value of values) assert.ok(value === null || typeof value === 'string' || typeof value === 'bigint')
    } catch (error) {
      assert.ok(error instanceof SensorError, String(error))
      assert.notEqual(error.code, 'SENSOR_TIMEOUT')
    }
  },
  async close() {
    client?.close()
    device?.close()
    client = null
    device = null
  },
}
