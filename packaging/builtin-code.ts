import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/** What V8 asks of compiled code before it takes it, in words of four bytes: a mark, V8's version, the source, V8's flags. */
const HEADER_BYTES = 16
const SAME_BYTES = 8
const FLAGS_AT = 12
const WRITE_HEADER = 'process.stdout.write(new (require("node:vm").Script)("").createCachedData().subarray(0, 16))'

/**
 * Has a Node that is started with flags take the code of its own modules that was compiled into it without them. V8 refuses it otherwise: it
 * compiles them all again, and Node writes each down for the next, half a megabyte. No flag of ours changes bytecode.
 * @param node of the same version as the one that runs this, for whatever processor
 * @returns how many modules
 * @throws Error if none is found
 */
export function acceptBuiltinCode(node: string, flags: readonly string[]): number {
  const compiled = headerOf([])
  const wanted = headerOf(flags).subarray(FLAGS_AT)
  const start = compiled.subarray(0, SAME_BYTES)
  const program = readFileSync(node)
  let modules = 0
  for (let at = program.indexOf(start); at >= 0; at = program.indexOf(start, at + SAME_BYTES)) {
    const place = program.subarray(at + FLAGS_AT, at + HEADER_BYTES)
    if (!place.equals(compiled.subarray(FLAGS_AT))) continue
    place.set(wanted)
    modules += 1
  }
  if (modules === 0) throw new Error(`${node}: no code that this Node would take without flags`)
  writeFileSync(node, program)
  return modules
}

function headerOf(flags: readonly string[]): Buffer {
  return execFileSync(process.execPath, [...flags, '--eval', WRITE_HEADER], { env: {} })
}
