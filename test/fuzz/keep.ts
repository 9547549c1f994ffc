/** `node test/fuzz/keep.ts`: into the kept corpora goes what runs here have found, the shortest inputs for each place. */
import { foundCorpus, keep, keptCorpus } from './corpus.ts'
import { Coverage } from './coverage.ts'
import { TARGETS } from './targets/index.ts'

for (const target of TARGETS) {
  const coverage = new Coverage()
  coverage.start()
  for (const { input } of keptCorpus(target.name)) await target.run(input)
  coverage.noteNew()
  let kept = 0
  for (const input of foundCorpus(target.name).toSorted((a, b) => a.length - b.length)) {
    await target.run(input)
    if (coverage.noteNew() === 0) continue
    keep(target.name, input)
    kept += 1
  }
  coverage.stop()
  await target.close?.()
  console.log(`${target.name}: ${kept} more`)
}
