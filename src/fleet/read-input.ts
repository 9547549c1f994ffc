import { TableError } from '../carbon/table/table-line.ts'
import { readBounded } from '../io/bounded-file.ts'
import { FleetFault } from './fleet-fault.ts'

/** A year of hourly certificates of a hundred devices has 400 MB; of ten it has 40. */
const MOST_BYTES = 256 << 20

/** What is in a file that a person named. Throws a FleetFault that names the file and every bad place. */
export function readInput<Content>(path: string, parse: (text: string, path: string) => Content): Content {
  try {
    return parse(readBounded(path, MOST_BYTES).bytes.toString('utf8'), path)
  } catch (cause) {
    if (cause instanceof TableError) {
      throw new FleetFault('FLEET_FILE', cause.places.map((place) => `${path}:${place}`).join('\n'), { cause })
    }
    const { code, message } = cause as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === undefined ? message : `it cannot be read (${code})`
    throw new FleetFault('FLEET_FILE', message.startsWith(path) ? message : `${path}: ${reason}`, { cause })
  }
}
