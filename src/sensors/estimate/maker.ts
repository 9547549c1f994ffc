/** Names of servers' makers as their firmware (sys_vendor) and publications write them: the first that fits. */
const MAKERS: readonly (readonly [pattern: RegExp, maker: string])[] = [
  [/^dell|\bpoweredge\b/i, 'dell'],
  [/^h(ewlett|pe?\b)|\bproliant\b/i, 'hp'],
  [/^fujitsu|\bprimergy\b/i, 'fujitsu'],
  [/^lenovo|\bthink ?(system|server|edge|agile)/i, 'lenovo'],
  [/^ibm\b|\bsystem x\d/i, 'ibm'],
  [/^super ?micro/i, 'supermicro'],
  [/^(huawei|xfusion)/i, 'huawei'],
  [/^(inspur|ieit|kaytus)/i, 'inspur'],
  [/^(acer|gateway|altos)/i, 'acer'],
  [/^asus/i, 'asus'],
  [/^hitachi/i, 'hitachi'],
  [/^nec\b|\bexpress5800/i, 'nec'],
  [/^(sugon|dawning|nettrix)/i, 'sugon'],
  [/h3c/i, 'h3c'],
  [/^quanta/i, 'quanta'],
  [/^(sgi|silicon graphics)\b/i, 'sgi'],
  [/^bull\b/i, 'bull'],
  [/^cisco/i, 'cisco'],
  [/^giga-?byte|^giga computing/i, 'gigabyte'],
  [/^tyan|^mitac/i, 'tyan'],
  [/^intel\b/i, 'intel'],
]

/** Who made a server, by the name of its vendor and product; null for one of which nothing is known. */
export function makerOf(product: string | null): string | null {
  return MAKERS.find(([pattern]) => pattern.test(product?.trim() ?? ''))?.[1] ?? null
}

/** A maker's line of servers by the letters before the number: `dell r` of PowerEdge R740; null where there is none. */
export function lineOf(product: string | null): string | null {
  const maker = makerOf(product)
  const [, letters] =
    /(?:^|[\s/])([a-z]{1,5})-?\d{2,4}/i.exec((product ?? '').replace(/\(.*/, '').replace(/express\d+/i, '')) ?? []
  return maker === null || letters === undefined ? null : `${maker} ${letters.toLowerCase()}`
}
