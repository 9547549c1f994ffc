/** A way to ask the driver about a GPU. The names are those of native/nvml/nvml_source.cc. */
export interface NvmlSource {
  /** `busy` and `presence` are no meter: from them power can only be modelled. */
  readonly kind: 'counter' | 'power' | 'busy' | 'presence'
  /** Covers the whole module by its very question: a Grace CPU, its memory and the GPU. */
  readonly isModule: boolean
  /** For people. */
  readonly title: string
}

/**
 * Best first. The counter sees what polled power misses (arXiv 2312.02741: on A100 and H100 power is sampled for 25 ms in
 * each 100 ms); field 186 is the power at an instant, 185 and nvmlDeviceGetPowerUsage the mean of a second since Ampere.
 */
export const NVML_SOURCES: Readonly<Record<string, NvmlSource>> = {
  energy: { kind: 'counter', isModule: false, title: 'nvmlDeviceGetTotalEnergyConsumption' },
  instant: { kind: 'power', isModule: false, title: 'field 186, instant power of the GPU' },
  average: { kind: 'power', isModule: false, title: 'field 185, average power of the GPU' },
  'module-instant': { kind: 'power', isModule: true, title: 'field 186, instant power of the module' },
  'module-average': { kind: 'power', isModule: true, title: 'field 185, average power of the module' },
  usage: { kind: 'power', isModule: false, title: 'nvmlDeviceGetPowerUsage' },
  utilization: { kind: 'busy', isModule: false, title: 'nvmlDeviceGetUtilizationRates' },
  presence: { kind: 'presence', isModule: false, title: 'nothing but that the GPU is there' },
}
