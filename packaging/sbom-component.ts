import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The parts of CycloneDX 1.6 that are used here. https://cyclonedx.org/docs/1.6/json/ */
export interface Component {
  readonly type: 'application' | 'library' | 'platform'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl?: string
  readonly cpe?: string
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[]
  readonly hashes?: readonly { readonly alg: 'SHA-256' | 'SHA-512'; readonly content: string }[]
  /** Of a file that is not quite the one which its authors published. */
  readonly pedigree?: { readonly ancestors: readonly Component[]; readonly notes: string }
  readonly components?: readonly Component[]
}

/** Names of the National Vulnerability Database, where they are not the name twice. */
const CPE_NAMES: Readonly<Record<string, string>> = {
  ares: 'c-ares:c-ares',
  uv: 'libuv:libuv',
  undici: 'nodejs:undici',
}

/** A library inside `of`. */
export function partOf(name: string, version: string, of: string): Component {
  const purl = `pkg:generic/${name}@${encodeURIComponent(version)}`
  const cpe = cpeOf(CPE_NAMES[name] ?? `${name}:${name}`, version)
  return { type: 'library', 'bom-ref': `${of}/${name}@${version}`, name, version, purl, cpe }
}

export function cpeOf(vendorAndProduct: string, version: string): string {
  return `cpe:2.3:a:${vendorAndProduct}:${version.replaceAll(/[^\w.]/g, '\\$&')}:*:*:*:*:*:*:*`
}

export function licensed(license: string): NonNullable<Component['licenses']> {
  return / (OR|AND|WITH) /.test(license) ? [{ expression: license }] : [{ license: { id: license } }]
}

export function hashesOf(file: string): NonNullable<Component['hashes']> {
  return [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(file)).digest('hex') }]
}
