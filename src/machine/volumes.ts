/** What RAID controllers call their volumes, of which the system sees no disk: the names in the vendors' drivers and manuals. */
const VOLUMES: readonly RegExp[] = [
  // Dell: PERC, and the mirrored pair on a card.
  /\bPERC\b|\bDELLBOSS\b/i,
  // HPE and Microchip: Smart Array and SmartRAID.
  /\bLOGICAL VOLUME\b|\bSmartRAID\b/i,
  // Broadcom's MegaRAID, and as Lenovo, Cisco, Fujitsu, Intel and Supermicro sell it.
  /^(AVAGO |LSI |BROADCOM )?MR\d{3,4}\b|\bMegaRAID\b|\bMRAID|^RAID \d{3}\b|\bServeRAID\b|^PRAID\b|^RMS3|^SMC3108\b/i,
  /\bVirtual (Disk|Drive)\b|\bLogicalDrv\b/i,
]

/** Whether a disk of the system's is a volume of a RAID controller, which shows it instead of the disks behind it. */
export function isVolume({ name }: { readonly name: string }): boolean {
  return VOLUMES.some((pattern) => pattern.test(name))
}
