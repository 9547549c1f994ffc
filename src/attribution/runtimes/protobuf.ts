/** A message of protocol buffers: the values of each field that are bytes, texts or messages. Numbers are left out. */
export type Message = ReadonlyMap<number, readonly Uint8Array[]>

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }
/** Of 64 bits, seven a byte. */
const MOST_VARINT_BYTES = 10
const DECODER = new TextDecoder()

/** Throws a RangeError where the bytes are no message. */
export function messageOf(bytes: Uint8Array): Message {
  const fields = new Map<number, Uint8Array[]>()
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at)
    at = tag.next
    const [field, wire] = [Math.floor(tag.value / 8), tag.value % 8]
    if (wire === WIRE.varint) at = varintAt(bytes, at).next
    else if (wire === WIRE.fixed64) at += 8
    else if (wire === WIRE.fixed32) at += 4
    else if (wire === WIRE.bytes) {
      const { value: length, next } = varintAt(bytes, at)
      at = next + length
      const values = fields.get(field) ?? []
      if (at <= bytes.length) fields.set(field, values)
      values.push(bytes.subarray(next, at))
    } else throw new RangeError(`field ${field} has the unknown type ${wire}`)
    if (at > bytes.length) throw new RangeError(`field ${field} ends behind its message`)
  }
  return fields
}

/** The messages of a repeated field. */
export function messagesIn(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map(messageOf)
}

/** A field that is one message; an empty one where it is left out. */
export function messageIn(message: Message, field: number): Message {
  return messageOf(message.get(field)?.at(-1) ?? new Uint8Array())
}

/** A field that is a text; empty where it is left out. */
export function textIn(message: Message, field: number): string {
  return DECODER.decode(message.get(field)?.at(-1))
}

/** Exact up to 2^53, which is more than any field number or length. */
function varintAt(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let index = 0; index < MOST_VARINT_BYTES; index++) {
    const byte = bytes[from + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: from + index + 1 }
  }
  throw new RangeError('a number has no end')
}
