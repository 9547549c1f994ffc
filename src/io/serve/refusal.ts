import type { Duplex } from 'node:stream'
import { LONGEST_URL } from './http-limits.ts'

const { STATUS_CODES } = process.getBuiltinModule('node:http')

/** An error of Node's HTTP parser, with the bytes that it was reading. */
interface ParserError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

/** Answers on a connection without a request object, and ends it. */
export function refuseConnection(
  socket: Duplex,
  reason: number | ParserError,
  headers: Readonly<Record<string, string>> = {},
): void {
  // The HTTP server has let go of the socket, and a reset without a listener would end the process.
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const status = typeof reason === 'number' ? reason : statusOf(reason)
  const all = { ...headers, Connection: 'close', 'Content-Length': '0' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`, () => socket.destroy())
}

function statusOf({ code, rawPacket }: ParserError): number {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return isLongUrl(rawPacket) ? 414 : 431
    default:
      return 400
  }
}

/** The parser counts the URL among the headers. */
function isLongUrl(packet: Buffer | undefined): boolean {
  return new RegExp(`^[A-Z]+ \\S{${LONGEST_URL}}`).test(packet?.toString('latin1') ?? '')
}
