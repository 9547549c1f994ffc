import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { keptCorpus } from './corpus.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { TARGETS } from './targets/index.ts'

/** Enough to notice that a promise no longer holds at all; `npm run test:fuzz` looks for the rest. */
const MUTATIONS = 100

for (const target of TARGETS) {
  describe(target.name, () => {
    after(() => target.close?.())
    const corpus = keptCorpus(target.name)

    test('holds for its kept corpus', async () => {
      assert.ok(corpus.length >= 3)
      for (const { input } of corpus) await target.run(input)
    })

    test('holds for inputs like those', async () => {
      const inputs = corpus.map(({ input }) => input)
      const random = new Random(1)
      for (let time = 0; time < MUTATIONS; time++) await target.run(mutate(inputs, target.tokens, random))
    })
  })
}
