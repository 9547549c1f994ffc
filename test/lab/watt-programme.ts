import type { Bmc } from './bmc.ts'

const STEP_MS = 250
const MEAN_W = 300
const SWING_W = 150
const PERIOD_MS = 47_000

/** Lets a BMC's watts swing, and keeps what they came to: the true energy. */
export class WattProgramme implements Disposable {
  readonly #steps: { readonly fromUnixMs: number; readonly watts: number }[] = []
  readonly #timer: NodeJS.Timeout

  constructor(bmc: Bmc) {
    const step = () => {
      const fromUnixMs = performance.timeOrigin + performance.now()
      const watts = Math.round(MEAN_W + SWING_W * Math.sin((2 * Math.PI * fromUnixMs) / PERIOD_MS))
      bmc.set({ watts })
      this.#steps.push({ fromUnixMs, watts })
    }
    step()
    this.#timer = setInterval(step, STEP_MS)
  }

  /** Energy between two times of this machine's clock, both while the programme ran. */
  joules(fromUnixMs: number, untilUnixMs: number): number {
    return this.#steps.reduce((sum, step, index) => {
      const begin = Math.max(step.fromUnixMs, fromUnixMs)
      const end = Math.min(this.#steps[index + 1]?.fromUnixMs ?? Number.POSITIVE_INFINITY, untilUnixMs)
      return end > begin ? sum + (step.watts * (end - begin)) / 1e3 : sum
    }, 0)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
