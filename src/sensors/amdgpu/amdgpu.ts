import { join } from 'node:path'
import { pciAccelerators } from '../../machine/pci.ts'
import type { Channel } from '../../model/channel.ts'
import { SensorError } from '../../model/sensor-error.ts'
import type { NativeChannel } from '../../native/addon.ts'
import type { ReaderPlan } from '../../native/polled-sensor.ts'
import { type Comparison, CounterCheck, OF_FIRMWARE } from '../counter-check.ts'
import { errnoText } from '../failure.ts'
import { requireReadable } from '../readable.ts'
import type { SensorCode, SensorContext } from '../sensor-type.ts'
import { COMPARE_MS, type Seat, WatchedSensor, type WatchOptions, watchedAtOnce } from '../watched-sensor.ts'
import { type AmdCard, cardsOf } from './card.ts'
import { channelsOf } from './channel.ts'
import { FoundCard } from './found.ts'
import { WORDS } from './layout.ts'
import type { AmdgpuSettings } from './schema.ts'

export type AmdgpuOptions = AmdgpuSettings & WatchOptions

/** The firmware answers in some milliseconds, a card that wakes or is being reset in some hundred. */
const DEADLINE_MS = 2_000
/** The first table of a card that has to wake. */
const OPEN_TIMEOUT_MS = 10_000
const AMD = 0x1002

/**
 * Accelerators and graphics cards of AMD by gpu_metrics, a table that the firmware fills and anybody may read, without any
 * library. Each card is read on a thread of its own, since one that is being reset lets its readers wait.
 */
export const amdgpu: SensorCode<AmdgpuOptions> = {
  create(options, context) {
    const cards = new Cards(options)
    return new WatchedSensor('amdgpu', {
      discover: () => cards.discover(context),
      seats: (channels) => cards.seats(channels),
      distrusted: cards.distrusted,
      firstLookMs: options.firstLookMs ?? 0,
      unmetered: () => cards.silences,
    })
  },
  variants: watchedAtOnce,
}

class Cards {
  readonly distrusted = new Map<string, Comparison>()
  readonly #options: AmdgpuOptions
  #found: readonly FoundCard[] = []

  constructor(options: AmdgpuOptions) {
    this.#options = options
  }

  async discover({ sysfs }: SensorContext): Promise<readonly ReaderPlan[]> {
    const cards = cardsOf(sysfs)
    if (cards.length === 0) throw absent(sysfs)
    await requireReadable(
      'amdgpu',
      cards.map(({ metrics }) => metrics),
    )
    return cards.map((card) => ({
      reader: { type: 'words', path: card.metrics, layouts: WORDS, runtimeStatus: card.runtimeStatus },
      intervalMs: this.#options.interval,
      deadlineMs: DEADLINE_MS,
      openTimeoutMs: OPEN_TIMEOUT_MS,
      bind: (channels) => this.#bind(card, channels, cards),
      describe: describeFailure,
    }))
  }

  /** Of each card its energy, else its power, where the table tells it. */
  seats(channels: readonly Channel[]): readonly Seat[] {
    let first = 0
    return this.#found.flatMap((found) => {
      const at = first
      first += found.width
      const [power, energy] = [channels[at], channels[at + 1]]
      if (found.silence !== null || power === undefined) return []
      const { title } = found
      if (energy?.kind !== 'counter' || !found.tellsEnergy || this.distrusted.has(power.device))
        return found.tellsPower ? { channel: power, title, at: [at], watch: null } : []
      const check = new CounterCheck(energy, OF_FIRMWARE, this.#options.compareMs ?? COMPARE_MS)
      return { channel: energy, title, at: [at + 1], watch: found.tellsPower ? { witnessAt: at, check } : null }
    })
  }

  get silences(): readonly string[] {
    return this.#found.flatMap(({ title, silence }) => (silence === null ? [] : `${title}: ${silence}`))
  }

  #bind(card: AmdCard, channels: readonly NativeChannel[], cards: readonly AmdCard[]) {
    const found = new FoundCard(card, channels)
    const isFirst = card === cards[0]
    this.#found = [...(isFirst ? [] : this.#found), found]
    const ofBoard = cards.filter((other) => other !== card && card.board !== '' && other.board === card.board)
    const alsoCovers = found.isSecondDie ? [] : ofBoard.map(({ address }) => address)
    return channelsOf(found, this.#options.interval, alsoCovers, this.distrusted.get(card.address) ?? null)
  }
}

function absent(sysfs: string): SensorError {
  const cards = pciAccelerators(sysfs).filter(({ vendor }) => vendor === AMD)
  if (cards.length === 0)
    return new SensorError('SENSOR_ABSENT', `no card in ${join(sysfs, 'bus/pci/devices')} has gpu_metrics`)
  const addresses = cards.map(({ address }) => address).join(', ')
  const message = `amdgpu tells no gpu_metrics of ${addresses}, which Linux 5.9 and later do`
  return new SensorError('SENSOR_ABSENT', message, { remedy: 'modprobe amdgpu && systemctl restart wattledger' })
}

/** `errno` is 0 for a table that is cut off, or another one than it was. */
function describeFailure(errno: number): string {
  if (errno === 0) return 'the table is cut off, or of another version than before'
  return errnoText(errno)
}
