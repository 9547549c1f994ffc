/** A chassis of its own, a blade in an enclosure, or one of several nodes in one chassis. */
export type ChassisKind = 'rack' | 'blade' | 'node'

/** DSP0134 section 7.4.1. */
const MULTI_SYSTEM = 25
const BLADE = 28
const BLADE_ENCLOSURE = 29

/** Products that are one of several in a chassis, whatever type their firmware gives it: the names in the vendors' catalogues. */
const BLADES: readonly RegExp[] = [
  /\bPowerEdge (M\d{3,4}\w?|MX\d{3}\w|FC\d{3})\b/,
  /\b(ProLiant (BL|WS)\d{3}\w|Synergy \d{3})\b/,
  /\b(BladeCenter|Flex System|ThinkSystem SN\d{3})\b/,
  /\bUCS(B-|X-[24])/,
  /\bPRIMERGY BX\d/,
]
const NODES: readonly RegExp[] = [
  // Supermicro: MicroCloud; Twin, TwinPro, BigTwin; FatTwin.
  /\b(SYS|AS) ?-(\d*M[A-Z]\d*-H\d+T|\d*(TP|TR|BT)-|F\d)/,
  /\bPowerEdge (C[68]\d{3}|XR8\d{3}t|XR4\d{3}[cz])\b/,
  /\bProLiant (XL(1\d{2}|2[23]\d|250|290|7[345]0)\w|m\d{3}\w*)\b/,
  /\b(ThinkSystem SD\d{3}|NeXtScale)\b/,
  /\bPRIMERGY CX\d/,
]

/** Whether SMBIOS's type says that other machines are in the chassis, so that its meters and supplies are not this machine's. */
export function isSharedChassis(type: number | null): boolean {
  return type === MULTI_SYSTEM || type === BLADE || type === BLADE_ENCLOSURE
}

/** How a machine is housed. `type` is SMBIOS's code, `product` vendor and name; null where the firmware does not say. */
export function chassisKind(type: number | null, product: string | null): ChassisKind {
  const isOneOf = (names: readonly RegExp[]): boolean => names.some((name) => name.test(product ?? ''))
  if (type === BLADE || type === BLADE_ENCLOSURE || isOneOf(BLADES)) return 'blade'
  return type === MULTI_SYSTEM || isOneOf(NODES) ? 'node' : 'rack'
}
