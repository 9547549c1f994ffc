import type { Config } from '../config/loader.ts'
import { ConfigFault, type Fault } from '../model/config-fault.ts'
import { masked } from '../model/secrets.ts'
import { examine, type Question } from './examine.ts'

export type Examined = { readonly config: Config } | { readonly faults: readonly Fault[] } | { readonly bug: string }

/** What an agent is told of its configuration, without any secret that was read on the way. Never throws. */
export function examined(question: Question): Examined {
  try {
    return { config: configToStartWith(question) }
  } catch (error) {
    if (error instanceof ConfigFault) return { faults: error.faults.map((one) => ({ ...one, text: masked(one.text) })) }
    return { bug: masked(error instanceof Error ? String(error.stack) : String(error)) }
  }
}

/** Throws a ConfigFault. Who has to mend the file anyway is told of the files of figures and keys too. */
function configToStartWith(question: Question) {
  try {
    return examine(question, false).config
  } catch (error) {
    if (error instanceof ConfigFault) examine(question, true)
    throw error
  }
}
