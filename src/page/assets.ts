import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Body, type Reply } from '../io/serve/reply.ts'
import { STYLE } from './style.ts'

const SCRIPTS = ['main', 'chart', 'paint', 'palette', 'refresh', 'spans', 'table', 'text', 'words'] as const
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** The files beside the page. Their folder is named by what is in them, so that a browser may keep them for ever. */
export class Assets {
  /** By their URL's path. Nothing is held of what no browser has asked for. */
  readonly replies: ReadonlyMap<string, () => Reply>
  /** `page/3f2a90c1b7de`, relative to the page, so that it holds below any path of a proxy. */
  readonly folder: string
  /** The modules, for the browser to ask for all at once. */
  readonly scripts: readonly string[] = SCRIPTS.map((name) => `${name}.js`)

  constructor() {
    const files = [
      ['style.css', 'text/css; charset=utf-8', () => STYLE],
      ['uplot.js', JAVASCRIPT, () => readFileSync(chartLibrary(), 'utf8')],
      ...SCRIPTS.map((name) => [`${name}.js`, JAVASCRIPT, () => readFileSync(scriptFile(name), 'utf8')] as const),
    ] as const
    const hash = createHash('sha256')
    for (const [name, , read] of files) hash.update(`${name}\n${read()}\n`)
    this.folder = `page/${hash.digest('hex').slice(0, 12)}`
    this.replies = new Map(files.map(([name, type, read]) => [`/${this.folder}/${name}`, once(type, read)]))
  }
}

function chartLibrary(): string {
  return createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js')
}

/** Plain JavaScript, so that what is served is what stands here, in a checkout and in a package. */
function scriptFile(name: string): URL {
  return new URL(`./browser/${name}.js`, import.meta.url)
}

function once(type: string, read: () => string): () => Reply {
  const headers = { 'Cache-Control': 'private, max-age=31536000, immutable' }
  let reply: Reply | undefined
  return () => {
    reply ??= { status: 200, type, body: new Body(read()), headers }
    return reply
  }
}
