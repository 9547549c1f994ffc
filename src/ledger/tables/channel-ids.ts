import type Database from 'better-sqlite3'
import type { Channel, ChannelKey } from '../../model/channel.ts'

/** Numbers the channels. A channel is known by its key alone, so that no row can be left without a home. */
export class ChannelIds {
  readonly #find: Database.Statement<string[], number>
  readonly #add: Database.Statement
  readonly #describe: Database.Statement
  readonly #ids = new Map<ChannelKey, number>()

  constructor(db: Database.Database) {
    this.#find = db
      .prepare<string[], number>('SELECT channel_id FROM channel WHERE sensor = ? AND scope = ? AND device = ?')
      .pluck()
    this.#add = db.prepare('INSERT INTO channel (sensor, scope, device) VALUES (?, ?, ?)')
    this.#describe = db.prepare('UPDATE channel SET kind = ?, quality = ? WHERE channel_id = ?')
  }

  of(key: ChannelKey): number {
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const identity = splitKey(key)
    const id = this.#find.get(...identity) ?? Number(this.#add.run(...identity).lastInsertRowid)
    this.#ids.set(key, id)
    return id
  }

  describe(key: ChannelKey, { kind, quality }: Pick<Channel, 'kind' | 'quality'>): void {
    this.#describe.run(kind, quality, this.of(key))
  }

  /** Numbers given in a transaction that was rolled back are void. */
  forget(): void {
    this.#ids.clear()
  }
}

/** A device may hold slashes; sensor and scope do not. */
function splitKey(key: ChannelKey): [string, string, string] {
  const [sensor = '', scope = ''] = key.split('/', 2)
  return [sensor, scope, key.slice(sensor.length + scope.length + 2)]
}
