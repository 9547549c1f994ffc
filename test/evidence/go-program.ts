import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Go 1.26 builds them. */
const LEAST_GO = 26
const BUILD_MS = 900_000

/** A program in no package of Debian: where Go is, it is built once, in some minutes, and kept outside the repository. */
export class GoProgram {
  readonly #path: string
  readonly #version: string
  readonly #tags: string
  readonly #folder: string
  readonly #built: string
  /** Why it cannot be had here. */
  readonly missing: string | false

  /** @param path of the package; its last part is the program's name */
  constructor(path: string, version: string, tags = '') {
    this.#path = path
    this.#version = version
    this.#tags = tags
    const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
    this.#folder = join(cache, 'wattledger-tests', version)
    const name = path.slice(path.lastIndexOf('/') + 1)
    this.#built = join(this.#folder, name)
    const canBe = existsSync(this.#built) || goMinor() >= LEAST_GO
    this.missing = canBe ? false : `no Go of 1.${LEAST_GO} or later to build ${name} with`
  }

  /** Its file, built if it is not there. */
  file(): string {
    if (existsSync(this.#built)) return this.#built
    // Put in place at once, since another file of tests may build it too.
    const building = `${this.#built}.${process.pid}`
    // In a module of its own, since `go install` refuses modules that replace others.
    const module = mkdtempSync(join(tmpdir(), 'wattledger-go-'))
    try {
      mkdirSync(this.#folder, { recursive: true })
      writeFileSync(join(module, 'go.mod'), `module build\n\ngo 1.${LEAST_GO}\n`)
      const options = {
        cwd: module,
        env: { ...process.env, CGO_ENABLED: '0' },
        timeout: BUILD_MS,
        stdio: 'pipe',
      } as const
      execFileSync('go', ['get', `${this.#path}@${this.#version}`], options)
      execFileSync('go', ['build', '-ldflags=-s', `-tags=${this.#tags}`, '-o', building, this.#path], options)
      renameSync(building, this.#built)
    } finally {
      rmSync(module, { recursive: true, force: true })
    }
    return this.#built
  }
}

function goMinor(): number {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' })
  return Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0)
}
