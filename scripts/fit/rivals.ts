import type { Platform } from '../../src/sensors/estimate/platform.ts'

/*
 * What others take for the power of a machine without a meter, in W at the plug, as far as they say: processors and memory by
 * their formulas, and the rest of the machine where they have one.
 */

/** Share of the TDP at 0, 10, 50 and 100 % (Teads' engineering blog, 2021; taken over by Boavizta). */
const TEADS = [
  [0, 0.12],
  [0.1, 0.32],
  [0.5, 0.75],
  [1, 1.02],
] as const

/** a, b, c, d of a · ln(b · (load in % + c)) + d, in W (BoaviztAPI 2.4.1, server power model). */
const BOAVIZTA: readonly (readonly [RegExp, readonly [number, number, number, number]])[] = [
  [/^xeon (gold )?8|^xeon 9/, [171.1813, 0.0354, 36.8953, -10.1336]],
  [/^xeon (gold )?[56]/, [35.5688, 0.2438, 9.6694, -0.6087]],
  [/^xeon 4/, [20.7794, 0.3043, 8.4241, 0.8613]],
  [/^xeon e3/, [342.3624, 0.0347, 36.8952, -16.4022]],
  [/^xeon e-/, [55.6501, 0.0467, 20.4146, 4.24362]],
  [/./, [48.9167, 0.1349, 15.7262, -4.654]],
]

export interface Rival {
  readonly name: string
  wattsAt(platform: Platform, load: number): number
}

function teadsShare(load: number): number {
  for (const [index, [end, share]] of TEADS.entries()) {
    const [start, before] = TEADS[index - 1] ?? [0, share]
    if (load <= end) return end === start ? share : before + ((share - before) * (load - start)) / (end - start)
  }
  return 1.02
}

function boaviztaCpu({ processor, tdpW }: Platform, load: number): number {
  const [a, b, c, d] = BOAVIZTA.find(([pattern]) => pattern.test(processor.key))?.[1] ?? [0, 0, 0, 0]
  const at = (percent: number): number => a * Math.log(b * (percent + c)) + d
  // The family's curve, stretched to this model: 1.02 of its TDP at full load.
  return (at(load * 100) / at(100)) * tdpW * 1.02
}

const GB_PER_GIB = 2 ** 30 / 1e9

export const RIVALS: readonly Rival[] = [
  {
    // Version 3: the TDP times the load, at least a tenth, and 5 W for each module of 16 GB.
    name: 'CodeCarbon',
    wattsAt: ({ chips, tdpW, memoryGib }, load) => chips * tdpW * Math.max(0.1, load) + (5 * memoryGib) / 16,
  },
  {
    name: 'Boavizta',
    wattsAt: (platform, load) =>
      (platform.chips * boaviztaCpu(platform, load) + 0.284 * platform.memoryGib * GB_PER_GIB) * 1.33,
  },
  {
    name: 'Teads',
    wattsAt: ({ chips, tdpW, memoryGib }, load) => chips * tdpW * teadsShare(load) + 0.38 * memoryGib,
  },
]
