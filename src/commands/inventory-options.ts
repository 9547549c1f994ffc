import type { Command } from 'commander'
import { didYouMean, nearest } from '../model/did-you-mean.ts'
import { UsageError } from '../model/usage-error.ts'

/** Parts that can be renewed during a machine's life. */
export const RENEWABLE = ['processor', 'memory', 'ssd', 'hdd', 'gpu', 'supply', 'board'] as const
export type Renewable = (typeof RENEWABLE)[number]

/** A question what another lifetime would change. */
export interface LifetimeQuestion {
  readonly years: number
  readonly renewed: readonly Renewable[]
  readonly areRefurbished: boolean
}

const [LEAST_YEARS, MOST_YEARS] = [1, 30]

/** Declares what stands behind `inventory`. */
export function declareInventory(command: Command): void {
  command
    .option('--lifetime <years>', 'what the making would come to over so many years')
    .option('--renew <parts>', `with --lifetime: parts that are renewed once, such as memory,ssd`)
    .option('--refurbished', 'with --renew: by used parts, whose making is written off')
}

/** Null where nothing is asked. @throws UsageError */
export function lifetimeQuestion(typed: Readonly<Record<string, unknown>>): LifetimeQuestion | null {
  const { lifetime, renew, refurbished } = typed
  if (lifetime === undefined) {
    if (renew !== undefined) throw new UsageError('--renew needs --lifetime: the years that the machine is to last')
    if (refurbished !== undefined) throw new UsageError('--refurbished needs --lifetime and --renew')
    return null
  }
  if (refurbished !== undefined && renew === undefined) {
    throw new UsageError('--refurbished needs --renew: the parts that are renewed, such as memory,ssd')
  }
  return {
    years: yearsOf(String(lifetime)),
    renewed: renew === undefined ? [] : partsOf(String(renew)),
    areRefurbished: refurbished === true,
  }
}

function yearsOf(text: string): number {
  const years = /^\d{1,2}(?:\.\d{1,2})?$/.test(text) ? Number(text) : Number.NaN
  if (years >= LEAST_YEARS && years <= MOST_YEARS) return years
  throw new UsageError(
    `--lifetime: expected years from ${LEAST_YEARS} to ${MOST_YEARS}, such as 6, received ${JSON.stringify(text)}`,
  )
}

function partsOf(text: string): Renewable[] {
  const known: readonly string[] = RENEWABLE
  const words = text.split(',').map((word) => word.trim())
  const strange = words.find((word) => !known.includes(word))
  if (strange === undefined) return [...new Set(words)] as Renewable[]
  const meant = didYouMean([nearest(strange, known)])
  throw new UsageError(`--renew: expected some of ${RENEWABLE.join(', ')}, received ${JSON.stringify(strange)}${meant}`)
}
