import { eiaSource } from './eia.ts'
import { electricityMapsSource } from './electricitymaps.ts'
import { entsoeSource } from './entsoe.ts'
import { fileSource } from './file.ts'
import { prometheusSource } from './prometheus.ts'
import { rteSource } from './rte.ts'
import type { ConfigOf } from './source-type.ts'
import { staticSource } from './static.ts'
import { ukSource } from './uk.ts'
import { valueSource } from './value.ts'

/** Every source that `carbon.location` may name, in the order of the documentation. Adding one takes its file and a line here. */
export const SOURCES = [
  staticSource,
  valueSource,
  fileSource,
  ukSource,
  electricityMapsSource,
  rteSource,
  eiaSource,
  entsoeSource,
  prometheusSource,
] as const

export type SourceConfig = ConfigOf<(typeof SOURCES)[number]['schema']>
