import { isAbsolute, join } from 'node:path'

/** unix(7): sun_path has 108 bytes, one of them for the end. */
const LONGEST = 107

/** A socket's path that the system takes. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST
}

/** `windows.socket: auto`. systemd.exec(5): RUNTIME_DIRECTORY is a list with colons when the unit has several. */
export function defaultSocket(env: NodeJS.ProcessEnv, state: string): string {
  const first = env.RUNTIME_DIRECTORY?.split(':')[0]
  return join(first && isAbsolute(first) ? first : state, 'api.sock')
}
