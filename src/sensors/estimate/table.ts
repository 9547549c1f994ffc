import { readFileSync } from 'node:fs'

/**
 * Reads a table that stands beside this file as JSON. It is needed when a machine is first seen, and half a megabyte: nobody
 * holds it longer than until garbage is collected.
 */
export function tableReader<Table extends object>(name: string): () => Table {
  let held: WeakRef<Table> | undefined
  return () => {
    const known = held?.deref()
    if (known !== undefined) return known
    const table = JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as Table
    held = new WeakRef(table)
    return table
  }
}
