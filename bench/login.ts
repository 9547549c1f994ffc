import { hashSync } from 'bcryptjs'
import { BasicAuth } from '../src/exporter/web-config/basic-auth.ts'
import { PasswordCheck } from '../src/exporter/web-config/password-check.ts'
import type { BenchRow } from './row.ts'

const COST = 10
const PAIRS = 25

/**
 * Times of refusals, of a known and of an unknown user in turn, so that whatever else the machine does falls on both; and of a
 * scrape whose password has been compared before.
 */
export async function loginRows(): Promise<BenchRow[]> {
  const users = new Map([['alice', hashSync('right', COST)]])
  const auth = new BasicAuth(new PasswordCheck({ rest: async () => {} }))
  const timed = async (login: string): Promise<number> => {
    const startMs = performance.now()
    await auth.check(`Basic ${Buffer.from(login).toString('base64')}`, users)
    return performance.now() - startMs
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    known.push(await timed(`alice:wrong-${pair}`))
    unknown.push(await timed(`bob-${pair}:wrong`))
  }
  await timed('alice:right')
  const granted: number[] = []
  for (let time = 0; time < PAIRS; time++) granted.push(await timed('alice:right'))
  const ratio = median(unknown) / median(known)
  return [
    {
      name: `refused login, bcrypt cost ${COST}`,
      figure: `known user ${median(known).toFixed(1)} ms, unknown ${median(unknown).toFixed(1)} ms (x${ratio.toFixed(3)})`,
      aim: 'x1: the time does not tell who exists',
    },
    { name: 'granted login, known before', figure: `${median(granted).toFixed(3)} ms`, aim: 'below 0.1 ms' },
  ]
}

const median = (timesMs: readonly number[]): number =>
  timesMs.toSorted((a, b) => a - b)[Math.floor(timesMs.length / 2)] ?? Number.NaN
