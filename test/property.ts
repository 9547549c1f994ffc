import fc from 'fast-check'

/**
 * A run of the tests is the same each time, and looks elsewhere when it is told to: `FC_SEED=7 npm test`. What that finds
 * becomes an example of its own.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) })

export { default } from 'fast-check'
