/** Cores of servers by the maker and part of MIDR_EL1 (arch/arm64/include/asm/cputype.h), which has no name for them. */
const CORES: Readonly<Record<string, string>> = {
  '0x41 0xd03': 'Cortex-A53',
  '0x41 0xd07': 'Cortex-A57',
  '0x41 0xd08': 'Cortex-A72',
  '0x41 0xd0b': 'Cortex-A76',
  '0x41 0xd0c': 'Neoverse-N1',
  '0x41 0xd40': 'Neoverse-V1',
  '0x41 0xd49': 'Neoverse-N2',
  '0x41 0xd4f': 'Neoverse-V2',
  '0x41 0xd83': 'Neoverse-V3',
  '0x41 0xd8e': 'Neoverse-N3',
  '0x43 0x0af': 'ThunderX2',
  '0x48 0xd01': 'Kunpeng 920',
  '0xc0 0xac3': 'AmpereOne',
  '0xc0 0xac4': 'AmpereOne',
}

/** Null for a core that has no name here. */
export function armCore(implementer = '', part = ''): string | null {
  return CORES[`${implementer} ${part}`] ?? null
}
