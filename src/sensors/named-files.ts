import { readAuthorities } from '../io/credential-files.ts'
import { readKey } from '../io/key-file.ts'
import type { Fault } from '../model/config-fault.ts'
import type { Switch } from './sensor-type.ts'

type Named = readonly [key: string, path: string]

/** What is wrong with the files of passwords, communities and authorities that sensors name, unless they are switched off. */
export function checkSensorFiles(sensors: Readonly<Record<string, Switch>>): readonly Fault[] {
  return Object.entries(sensors)
    .filter(([, { enabled }]) => enabled !== false)
    .flatMap(([name, settings]) => filesIn(settings, `sensors.${name}`))
    .flatMap(([key, path]) => {
      try {
        key.endsWith('.ca_file') ? readAuthorities(path) : readKey(path)
        return []
      } catch (error) {
        return [{ key, text: (error as Error).message }]
      }
    })
}

/** Each `…_file` below a key, entries of lists too. */
function filesIn(value: unknown, key: string): readonly Named[] {
  if (typeof value === 'string') return key.endsWith('_file') ? [[key, value]] : []
  return Object.entries(value ?? {}).flatMap(([name, inner]) => filesIn(inner, `${key}.${name}`))
}
