import fc from 'fast-check'

const { FC_SEED = '1', FC_PERCENT = '100' } = process.env

/** As many, or what `FC_PERCENT` leaves of them: `npm test` takes the first of each property, `npm run test:properties` all. */
export const runs = (count: number): number => Math.ceil((count * Number(FC_PERCENT)) / 100)

/**
 * A run of the tests is the same each time, and looks elsewhere when it is told to: `FC_SEED=7 npm test`. What that finds
 * becomes an example of its own.
 */
fc.configureGlobal({ seed: Number(FC_SEED), numRuns: runs(100) })

export { default } from 'fast-check'
