import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** What the signature is for: one of another purpose does not pass as a seal's. */
export const NAMESPACE = 'wattledger-seal'

const MAGIC = Buffer.from('SSHSIG')
const VERSION = 1
const HASH = 'sha512'
const KEY_TYPE = 'ssh-ed25519'
const BEGIN = '-----BEGIN SSH SIGNATURE-----'
const END = '-----END SSH SIGNATURE-----'
/** As ssh-keygen breaks its lines. */
const COLUMNS = /.{1,70}/g
/** The bytes before the key itself in the DER form of RFC 8410, section 4. */
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

/** A detached signature as `ssh-keygen -Y sign` makes it (PROTOCOL.sshsig of OpenSSH). */
export function sshSignature(message: string, key: KeyObject): string {
  const signature = frame(Buffer.from(KEY_TYPE), sign(null, signedBytes(message), key))
  const version = Buffer.alloc(4)
  version.writeUInt32BE(VERSION)
  const fields = [sshPublicKey(key), NAMESPACE, '', HASH, signature].map((field) => Buffer.from(field))
  const blob = Buffer.concat([MAGIC, version, frame(...fields)]).toString('base64')
  return `${[BEGIN, ...(blob.match(COLUMNS) ?? []), END].join('\n')}\n`
}

/** The key that has signed the message, in base64 as in a file of allowed signers; null where none has. */
export function signerOf(message: string, armored: string): string | null {
  const blob = Buffer.from(armored.replaceAll(/-----(BEGIN|END) SSH SIGNATURE-----/g, ''), 'base64')
  const head = MAGIC.length + 4
  if (!blob.subarray(0, MAGIC.length).equals(MAGIC) || blob.length < head) return null
  const [key, namespace, reserved, hash, signature, ...more] = unframe(blob.subarray(head))
  const isOurs = blob.readUInt32BE(MAGIC.length) === VERSION && namespace?.equals(Buffer.from(NAMESPACE))
  if (!isOurs || more.length > 0 || reserved?.length !== 0 || hash?.toString() !== HASH) return null
  const [keyType, keyBytes] = unframe(key ?? Buffer.alloc(0))
  const [type, bytes] = unframe(signature ?? Buffer.alloc(0))
  if (keyType?.toString() !== KEY_TYPE || keyBytes?.length !== 32) return null
  if (type?.toString() !== KEY_TYPE || bytes?.length !== 64) return null
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_ED25519, keyBytes]), format: 'der', type: 'spki' })
  return verify(null, signedBytes(message), publicKey, bytes) ? (key ?? Buffer.alloc(0)).toString('base64') : null
}

/** The public half, as it stands in `authorized_keys` behind its type, not yet in base64. */
export function sshPublicKey(key: KeyObject): Buffer {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return frame(Buffer.from(KEY_TYPE), der.subarray(SPKI_ED25519.length))
}

/** A line of a file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS). */
export function allowedSigner(principal: string, publicKey: string): string {
  return `${principal} namespaces="${NAMESPACE}" ${KEY_TYPE} ${publicKey}\n`
}

function signedBytes(message: string): Buffer {
  const digest = createHash(HASH).update(message).digest()
  return Buffer.concat([MAGIC, frame(Buffer.from(NAMESPACE), Buffer.alloc(0), Buffer.from(HASH), digest)])
}

/** Each with its length before it (RFC 4251, section 5: string). */
function frame(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(field.length)
      return [length, field]
    }),
  )
}

/** Nothing of bytes that are no whole sequence of strings. */
function unframe(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return []
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return []
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}
