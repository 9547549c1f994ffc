import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const LISTENER = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
FAN_CLASS_CONTENT, FAN_CLOEXEC, FAN_MARK_ADD, FAN_ACCESS_PERM, AT_FDCWD = 4, 1, 1, 0x20000, -100
group = libc.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY)
marked = group >= 0 and libc.fanotify_mark(
    group, FAN_MARK_ADD, ctypes.c_uint64(FAN_ACCESS_PERM), AT_FDCWD, sys.argv[1].encode()) == 0
print('holding' if marked else os.strerror(ctypes.get_errno()), flush=True)
if marked:
    os.read(group, 4096)
    print('held', flush=True)
    sys.stdin.read()
`

export interface HeldReads {
  /** Resolves when the first read hangs. */
  readonly held: Promise<unknown>
  release(): Promise<void>
}

/**
 * Makes reads of a file hang in the kernel, as a driver does that waits for firmware: fanotify(7) holds each read until
 * its listener decides, and this one never does. When it ends, the kernel lets all reads go. Needs CAP_SYS_ADMIN.
 * Returns the reason where that cannot be.
 */
export async function holdReads(path: string): Promise<HeldReads | string> {
  const listener = spawn('python3', ['-c', LISTENER, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const hasEnded = once(listener, 'exit')
  const lines = createInterface(listener.stdout)[Symbol.asyncIterator]()
  const { value: answer } = await lines.next()
  if (answer !== 'holding') return `no fanotify permission events here: ${answer}`
  return {
    held: lines.next(),
    release: async () => {
      listener.stdin.end()
      await hasEnded
    },
  }
}
