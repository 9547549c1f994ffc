import type { Logger } from '../../model/logger.ts'
import { ConstantPue } from './constant.ts'
import type { PueSource, RefreshedPue } from './pue.ts'

export type PueConfig = number

export interface PueSurroundings {
  readonly logger: Logger
  readonly unixMs: () => number
  /** Names proxies. */
  readonly env: NodeJS.ProcessEnv
}

export interface CreatedPue {
  readonly pue: PueSource
  /** Those that have to look for their data: a SourceRefresher keeps them fresh. */
  readonly refreshed: readonly RefreshedPue[]
}

/** The PUE that a configuration describes. Throws a PueError. */
export function createPue(config: PueConfig, _surroundings: PueSurroundings): CreatedPue {
  return { pue: new ConstantPue(config), refreshed: [] }
}
