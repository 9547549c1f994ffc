/** The process that `examineAside` starts: node examiner.ts [FILE]. It answers on its standard output. */
import { serialize } from 'node:v8'
import { leaveOutLocales } from './leave-out-locales.ts'

leaveOutLocales()
const { examined } = await import('./examined.ts')
const [file = null] = process.argv.slice(2)
process.stdout.write(serialize(examined({ file, env: process.env })))
