/** The process that `examineAside` starts. Its answer is on its standard output: secrets that it has read are in none. */
import { serialize } from 'node:v8'
import { ConfigFault } from '../model/config-fault.ts'
import { masked } from '../model/secrets.ts'
import type { Examined } from './examine-aside.ts'
import { leaveOutLocales } from './leave-out-locales.ts'

leaveOutLocales()
const { examine } = await import('./examine.ts')
const [file = null] = process.argv.slice(2)
const question = { file, env: process.env }

function examined(): Examined {
  try {
    return { config: examine(question, false).config }
  } catch (error) {
    if (error instanceof ConfigFault) examine(question, true)
    throw error
  }
}

function answer(): Examined {
  try {
    return examined()
  } catch (error) {
    if (error instanceof ConfigFault) return { faults: error.faults.map((one) => ({ ...one, text: masked(one.text) })) }
    return { bug: masked(error instanceof Error ? String(error.stack) : String(error)) }
  }
}

process.stdout.write(serialize(answer()))
