import * as fs from 'node:fs'
import { promisify } from 'node:util'

/** As `node:fs/promises` has them, which brings handles, streams and readline along: 0.25 MB that an agent would hold. */

export const readdir = promisify(fs.readdir)
export const readFile = promisify(fs.readFile)
export const readlink = promisify(fs.readlink)
export const realpath = promisify(fs.realpath.native)
export const stat = promisify(fs.stat)
