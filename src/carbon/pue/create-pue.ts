import type { Logger } from '../../model/logger.ts'
import { httpGet } from '../http.ts'
import { ConstantPue } from './constant.ts'
import { FilePue, type FilePueConfig } from './file.ts'
import { PrometheusPue, type PrometheusPueConfig } from './prometheus.ts'
import { PueError, type PueSource, type RefreshedPue } from './pue.ts'
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
  /** Those that have to look for their data: a SourceRefresher keeps them fresh. */
  readonly refreshed: readonly RefreshedPue[]
}

/** The PUE that a configuration describes. Throws a PueError. */
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

/** Throws a PueError for what would not work on this machine, unreadable files included. */
export function checkPue(config: PueConfig): void {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  for (const source of createPue(config, { logger, unixMs: Date.now, env: {} }).refreshed) {
    const [problem] = source.check()
    if (problem !== undefined) throw new PueError(problem)
  }
}
