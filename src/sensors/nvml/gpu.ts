import type { NativeChannel } from '../../native/addon.ts'
import { nvmlCodeName } from './code.ts'
import { NVML_SOURCES, type NvmlSource } from './source.ts'

/** nvmlDeviceArchitecture_t of nvml.h. */
const ARCHITECTURES: Readonly<Record<number, string>> = {
  2: 'Kepler',
  3: 'Maxwell',
  4: 'Pascal',
  5: 'Volta',
  6: 'Turing',
  7: 'Ampere',
  8: 'Ada',
  9: 'Hopper',
  10: 'Blackwell',
  13: 'Rubin',
}
const TURING = 6
const AMPERE = 7
const HOPPER = 9

/** GA100: the other chips of its architecture see all of the time. */
const GA100 = /\bA(100|800|30)\b/

/** A limit above this, or none, is a driver that knows no limit. */
const LARGEST_LIMIT_MW = 10_000_000n

/** What the reader found out about one GPU. Attributes: native/nvml/nvml_probe.h. */
export class NvmlGpu {
  readonly uuid: string
  readonly sourceName: string
  readonly source: NvmlSource
  readonly #attributes: Readonly<Record<string, string>>

  constructor({ id, attributes }: NativeChannel) {
    this.uuid = id
    this.sourceName = attributes.source ?? ''
    const source = NVML_SOURCES[this.sourceName]
    if (source === undefined) throw new TypeError(`expected a source of NVML, received ${this.sourceName}`)
    this.source = source
    this.#attributes = attributes
  }

  /**
   * True when the value is that of a whole Grace module. On Grace Hopper the energy counter is, though nothing in its name
   * says so (zeus pull request 172); of nvmlDeviceGetPowerUsage nobody says which it is, so it is taken for the same. Grace
   * Blackwell has two GPUs in a module, and a counter for each as far as is known.
   */
  get coversModule(): boolean {
    if (this.source.isModule) return true
    if (this.sourceName === 'instant' || this.sourceName === 'average') return false
    const answersForModule = this.#answers('module-instant') || this.#answers('module-average')
    return this.#architecture === HOPPER && (answersForModule || this.#attributes.c2c === '1')
  }

  /**
   * The place of what the value covers: the PCI address, on a superchip inside the socket of its Grace. There the upper
   * digits of the PCI domain number the socket: 0009 and 0019 of two Grace Hopper, 0008, 0009, 0018, 0019 of two Grace
   * Blackwell.
   */
  get hardware(): string {
    const { pciAddress } = this.#attributes
    const place = pciAddress ?? this.uuid
    if (!this.coversModule && this.#attributes.c2c !== '1') return place
    const socket = `socket-${Number.parseInt(pciAddress?.split(':')[0] ?? '0', 16) >> 4}`
    return this.coversModule ? socket : `${socket}/${place}`
  }

  /** For people: its number among the driver's GPUs and its model. The number may be another after a boot. */
  get title(): string {
    return `GPU ${this.#attributes.index ?? '?'} (${this.model})`
  }

  get model(): string {
    return this.#attributes.name ?? 'of unknown model'
  }

  /** The power limit that is set, in mW; null when the driver knows none. An operator may set another. */
  get limitMw(): bigint | null {
    return limitOf(this.#attributes.powerLimitMw)
  }

  /** The greatest power limit that can be set on this board, in mW; null when the driver knows none. */
  get greatestLimitMw(): bigint | null {
    return limitOf(this.#attributes.maxPowerLimitMw)
  }

  get facts(): Record<string, string> {
    const { name, serial, pciAddress, driver, powerLimitMw, mig } = this.#attributes
    const architecture = this.#architecture
    return withoutEmpty({
      source: this.source.title,
      model: name,
      architecture: ARCHITECTURES[architecture] ?? (architecture > 0 ? `number ${architecture}` : undefined),
      pciAddress,
      serial,
      driver,
      resolution: { counter: '1 mJ', power: '1 mW', busy: '1 %', presence: undefined }[this.source.kind],
      range: this.source.kind === 'counter' ? '64 bits; begins at 0 when the driver is loaded' : undefined,
      // arXiv 2312.02741, table of update periods.
      update: this.isMetered ? this.#update : undefined,
      powerLimit: powerLimitMw === undefined ? undefined : `${Number(powerLimitMw) / 1000} W`,
      mig: mig === '1' ? 'on; its instances are inside this channel' : undefined,
      sleep: this.maySleep ? 'while nobody uses it, and is asked the less often then' : undefined,
      leftOut: this.leftOut.length === 0 ? undefined : this.leftOut.join(', '),
    })
  }

  /**
   * True where the board's sensor looks for 25 of each 100 ms: A100 and Hopper (arXiv 2312.02741), and what is newer until
   * somebody has measured it. The mean of a second misses nothing (nvmlDeviceGetPowerUsage is one, but for GA100); whether
   * the counter does, no one says.
   */
  get seesAPart(): boolean {
    if (this.sourceName === 'average' || this.sourceName === 'module-average') return false
    return this.#isGa100 || (this.#architecture >= HOPPER && this.sourceName !== 'usage')
  }

  /** How much time a power is the mean of, in ms: a second of what the driver calls average, and since Ampere of the usage. */
  get windowMs(): number {
    const { sourceName } = this
    const isMean = sourceName === 'average' || sourceName === 'module-average'
    if (isMean || (sourceName === 'usage' && this.#architecture >= AMPERE && !this.#isGa100)) return 1_000
    return this.seesAPart ? 25 : this.#updateMs
  }

  /** It is the power beside which the counter of the GPU before it is watched. */
  get isWitness(): boolean {
    return this.#attributes.witness !== undefined
  }

  /** It is the number of times that the GPU before it was asked while it slept. */
  get countsWakes(): boolean {
    return this.#attributes.wakes !== undefined
  }

  /** The kernel lets it sleep while nobody uses it. */
  get maySleep(): boolean {
    return this.#attributes.maySleep !== undefined
  }

  /** It tells its energy or its power. */
  get isMetered(): boolean {
    return this.source.kind === 'counter' || this.source.kind === 'power'
  }

  /** GPUs beside this one that cannot be read at all, with the driver's reasons. */
  get leftOut(): readonly string[] {
    return this.#attributes.leftOut?.split(',').map(describeLeftOut) ?? []
  }

  get #architecture(): number {
    return Number(this.#attributes.architecture ?? 0)
  }

  get #update(): string {
    if (this.seesAPart) return 'about every 100 ms, from 25 ms of them'
    return `about every ${this.#updateMs} ms`
  }

  get #updateMs(): number {
    return this.#architecture >= TURING ? 100 : 20
  }

  get #isGa100(): boolean {
    return this.#architecture === AMPERE && GA100.test(this.model)
  }

  #answers(source: string): boolean {
    return this.#attributes[`answer.${source}`] === '0'
  }
}

function limitOf(text: string | undefined): bigint | null {
  const limit = BigInt(text ?? 0)
  return limit > 0n && limit <= LARGEST_LIMIT_MW ? limit : null
}

function describeLeftOut(text: string): string {
  const [index, code] = text.split(':')
  return `GPU ${index}: ${nvmlCodeName(Number(code))}`
}

function withoutEmpty(facts: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
