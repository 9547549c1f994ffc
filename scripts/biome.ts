/**
 * Runs Biome's binary for this machine. Its wrapper package is not used: it names optional binaries of ten platforms, and
 * `npm ci` refuses a lockfile in which those that a registry does not carry are missing.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const binary = createRequire(import.meta.url).resolve(`@biomejs/cli-linux-${process.arch}/biome`)
const { status, error } = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' })
if (error) console.error(`biome: ${error.message}`)
process.exit(status ?? 1)
