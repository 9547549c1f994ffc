/** Messages of protocol buffers as our reader gets them: what of CRI the tests say. */
type Value = string | number | Buffer

/** Fields by number, in order; a list repeats one. */
export function message(fields: Readonly<Record<number, Value | readonly Value[]>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).flatMap(([field, values]) =>
      [values].flat().map((value) => {
        if (typeof value === 'number') return Buffer.concat([varint(Number(field) * 8), varint(value)])
        const bytes = Buffer.from(value)
        return Buffer.concat([varint(Number(field) * 8 + 2), varint(bytes.length), bytes])
      }),
    ),
  )
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}

/** As gRPC sends it. */
export function framed(bytes: Buffer): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}

export interface Pod {
  readonly name: string
  readonly uid: string
  readonly namespace: string
}

export function podMetadata({ name, uid, namespace }: Pod): Buffer {
  return message({ 1: name, 2: uid, 3: namespace, 4: 1 })
}
