import { native } from '../native/addon.ts'

/**
 * Ends the process whatever hangs. The exit of Node waits for the threads of libuv's pool, and one of them may be in a look-up
 * of a name server that is gone, or in a read of a mount that is. Handlers of 'exit' are not called.
 */
export function exitNow(code: number): never {
  return native.exitNow(code)
}
