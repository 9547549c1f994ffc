/** Bins of utilisation, each a twentieth wide. */
const BINS = 20
/** A bin counts once it rests on so much time. */
const ENOUGH_S = 10
/** What a bin remembers: older power is forgotten as so much new time comes in. */
const MEMORY_S = 600

/** Means of two bins may contradict each other by so much. */
const TOLERANCE = 1.1

interface Bin {
  /** Time that it rests on, up to MEMORY_S. */
  seconds: number
  /** Means over that time. */
  utilisation: number
  powerUw: number
}

/**
 * What a leaf draws when nothing happens, learned from what it draws at each utilisation. The lowest use that has been seen
 * tells most: from there the usual curve leads down to none. Where a leaf was never less than busy that is all there is, so
 * that idle power is neither all of it nor nothing.
 */
export class IdlePower {
  readonly #curve: (utilisation: number) => number
  readonly #bins: (Bin | undefined)[]

  /** @param saved what `text` said in an earlier run; anything else is as good as nothing */
  constructor(curve: (utilisation: number) => number, saved = '') {
    this.#curve = curve
    this.#bins = parse(saved)
  }

  learn(utilisation: number, powerUw: number, seconds: number): void {
    const place = Math.min(BINS - 1, Math.floor(utilisation * BINS))
    const bin = this.#bins[place] ?? { seconds: 0, utilisation, powerUw }
    this.#bins[place] = bin
    bin.seconds = Math.min(MEMORY_S, bin.seconds + seconds)
    const share = Math.min(1, seconds / bin.seconds)
    bin.utilisation += (utilisation - bin.utilisation) * share
    bin.powerUw += (powerUw - bin.powerUw) * share
    if (bin.seconds >= ENOUGH_S) this.#forgetAgainst(bin, place)
  }

  /**
   * In µW. Before anything is learned it follows from the power of now, at a utilisation that nobody knows taken as full; so it
   * does where that power is below what moments said, none of which is believed yet.
   */
  idleUw(utilisation: number | null, powerUw: number): number {
    const believed = this.#bins.find((bin) => bin !== undefined && bin.seconds >= ENOUGH_S)
    const lowest = believed ?? this.#bins.find((bin) => bin !== undefined)
    if (lowest === undefined) return this.#down(utilisation ?? 1, powerUw)
    const idleUw = this.#down(lowest.utilisation, lowest.powerUw)
    const isRefuted = believed === undefined && utilisation !== null && idleUw > powerUw
    return isRefuted ? this.#down(utilisation, powerUw) : idleUw
  }

  /** What another run goes on from: `bin seconds utilisation powerUw` of each bin, with `;` between. */
  get text(): string {
    return this.#bins
      .flatMap((bin, place) =>
        bin ? [[place, Math.round(bin.seconds), bin.utilisation.toFixed(4), Math.round(bin.powerUw)].join(' ')] : [],
      )
      .join(';')
  }

  /** Power does not fall with use: what says so is of hardware that is there no more. */
  #forgetAgainst({ powerUw }: Bin, place: number): void {
    for (let other = 0; other < BINS; other++) {
      const bin = this.#bins[other]
      if (bin === undefined || other === place) continue
      const [lower = 0, higher = 0] = other < place ? [bin.powerUw, powerUw] : [powerUw, bin.powerUw]
      if (lower > higher * TOLERANCE) this.#bins[other] = undefined
    }
  }

  #down(utilisation: number, powerUw: number): number {
    return powerUw * (this.#curve(0) / this.#curve(utilisation))
  }
}

function parse(saved: string): (Bin | undefined)[] {
  const bins: (Bin | undefined)[] = Array.from({ length: BINS })
  for (const text of saved.split(';')) {
    const fields = /^(\d{1,2}) (\d{1,3}) ([01]\.\d{4}) (\d{1,15})$/.exec(text)?.slice(1).map(Number)
    const [place = BINS, seconds = 0, utilisation = 0, powerUw = 0] = fields ?? []
    if (place < BINS && utilisation <= 1) bins[place] = { seconds: Math.min(seconds, MEMORY_S), utilisation, powerUw }
  }
  return bins
}
