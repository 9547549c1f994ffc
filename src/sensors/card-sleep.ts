import { constants } from 'node:os'
import type { BoundChannel, Value } from '../native/polled-sensor.ts'
import { readFile } from './files.ts'

/**
 * Whether a card of amdgpu sleeps. Since Linux 6.15 the driver answers EPERM then, and while it resets the card, and does
 * not wake it (amdgpu_pm_get_access_if_active() of amdgpu_pm.c); the file may be read all the same. In D3cold the slot
 * gives no power (Documentation/ABI/testing/sysfs-bus-pci, power_state); of the other states nobody says what they draw.
 */
export class CardSleep {
  readonly #path: string
  #state: string | null = null
  #isLooking = false

  /** @param path `power_state` of the card, which the kernel tells without the card */
  constructor(path: string) {
    this.#path = path
  }

  /** What a refusal means. The state is that of the refusal before, so that nobody waits for a file. */
  refused(): Value {
    const state = this.#state
    if (!this.#isLooking) void this.#look()
    if (state === 'D3cold') return { powerUw: 0n }
    return { unavailable: `the card sleeps or is being reset${state === null ? '' : `, in ${state}`}` }
  }

  answered(): void {
    this.#state = null
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    const text = await readFile(this.#path, 'latin1').catch(() => '')
    this.#state = text.trim() || null
    this.#isLooking = false
  }
}

/** The channel of a card that may sleep. Whoever reads it gets EPERM then. */
export function sleeping({ channel, interpret }: BoundChannel, sleep: CardSleep): BoundChannel {
  return {
    channel,
    interpret(raw) {
      sleep.answered()
      return interpret(raw)
    },
    interpretFailure: (errno) => (errno === constants.errno.EPERM ? sleep.refused() : null),
  }
}
