import { httpGet } from '../../io/http.ts'
import { type Fault, faultsOf } from '../../model/config-fault.ts'
import { type Logger, SILENT } from '../../model/logger.ts'
import { ConstantPue } from './constant.ts'
import { FilePue, type FilePueConfig } from './file.ts'
import { PrometheusPue, type PrometheusPueConfig } from './prometheus.ts'
import type { PueSource, RefreshedPue } from './pue.ts'
import { SchedulePue, type SchedulePueConfig } from './schedule.ts'

export type PueConfig = number | SchedulePueConfig | FilePueConfig | PrometheusPueConfig

export interface PueSurroundings {
  readonly logger: Logger
  readonly unixMs: () => number
  /** Names proxies. */
  readonly env: NodeJS.ProcessEnv
}

export interface CreatedPue {
  readonly pue: PueSource
  /** The sources that look for their data: a SourceRefresher keeps them fresh. */
  readonly refreshed: readonly RefreshedPue[]
}

/** The PUE that a configuration describes. Throws a ConfigFault. */
export function createPue(config: PueConfig, { logger, unixMs, env }: PueSurroundings): CreatedPue {
  const looking = (pue: RefreshedPue): CreatedPue => ({ pue, refreshed: [pue] })
  if (typeof config === 'number') return { pue: new ConstantPue(config), refreshed: [] }
  switch (config.source) {
    case 'schedule':
      return { pue: new SchedulePue(config), refreshed: [] }
    case 'file':
      return looking(new FilePue(config, { logger, unixMs }))
    case 'prometheus': {
      const get = httpGet({ timeoutMs: 20_000, env, unixMs })
      return looking(new PrometheusPue(config, { get, unixMs, random: Math.random, logger }))
    }
  }
}

/** What is wrong with it on this machine: with the files that it needs too, if `isDeep`. Asks no server. */
export function checkPue(config: PueConfig, isDeep: boolean): readonly Fault[] {
  return faultsOf(() => {
    const { refreshed } = createPue(config, { logger: SILENT, unixMs: Date.now, env: {} })
    const problems = isDeep ? refreshed.flatMap((source) => source.check()) : []
    return problems.map((text) => ({ key: 'carbon.pue', text }))
  })
}
