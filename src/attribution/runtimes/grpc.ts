import { once } from 'node:events'
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'
import { createConnection } from 'node:net'

export interface GrpcCall {
  readonly socketPath: string
  /** `/runtime.v1.RuntimeService/ListContainers` */
  readonly method: string
  readonly message: Uint8Array
  readonly timeoutMs: number
  /** Of the answer. */
  readonly maxBytes: number
}

/** Whether it is compressed, and how long the message is. */
const PREFIX_BYTES = 5

/**
 * One call with one answer, by gRPC over a unix socket on a connection of its own. Resolves to the answer's message; rejects
 * where none comes in time, is too long, or is not a good one.
 */
export async function callGrpc(call: GrpcCall, signal: AbortSignal): Promise<Uint8Array> {
  // Most machines never ask.
  const { connect } = await import('node:http2')
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(call.timeoutMs)])
  deadline.throwIfAborted()
  const session = connect('http://localhost', {
    createConnection: () => createConnection(call.socketPath),
    settings: { enablePush: false },
  })
  // The stream fails with it.
  session.on('error', () => {})
  try {
    const stream = session.request(
      { ':method': 'POST', ':path': call.method, 'content-type': 'application/grpc', te: 'trailers' },
      { signal: deadline },
    )
    stream.end(framed(call.message))
    return messageIn(await answerOf(stream, call.maxBytes))
  } finally {
    session.destroy()
  }
}

/** Of both ends of an answer: its trailers too. */
type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader

interface Answer {
  readonly body: Buffer
  readonly headers: Headers
}

async function answerOf(stream: ClientHttp2Stream, maxBytes: number): Promise<Answer> {
  let headers: Headers = {}
  const add = (more: Headers) => {
    headers = { ...headers, ...more }
  }
  stream.on('response', add).on('trailers', add)
  // Trailers come with the end, which may be heard first.
  const closed = once(stream, 'close')
  closed.catch(() => {})
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > PREFIX_BYTES + maxBytes) throw new RangeError(`an answer of more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  await closed
  return { body: Buffer.concat(chunks), headers }
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

function messageIn({ body, headers }: Answer): Uint8Array {
  const status = `HTTP ${headers[':status']}, status ${headers['grpc-status']}`
  if (headers[':status'] !== 200 || headers['grpc-status'] !== '0') throw new TypeError(status)
  const isWhole = body.length >= PREFIX_BYTES && body.readUInt32BE(1) === body.length - PREFIX_BYTES
  if (!isWhole || body[0] !== 0) throw new TypeError('not one plain message')
  return body.subarray(PREFIX_BYTES)
}
