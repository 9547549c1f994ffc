/** Bytes in a GiB, the unit in which memory is built and which its makers call GB. */
const BYTES_PER_GIB = 2 ** 30
const BYTES_PER_GB = 1e9
const KIB_PER_GIB = 2 ** 20

/** What the kernel has of the memory, in GiB, from the text of /proc/meminfo (proc_meminfo(5)); 0 when it does not say. */
export function parseMemoryGib(meminfo: string): number {
  return Number(/^MemTotal: +(\d{1,15}) kB$/m.exec(meminfo)?.[1] ?? 0) / KIB_PER_GIB
}

export function gibOfBytes(bytes: number): number {
  return bytes / BYTES_PER_GIB
}

/** In GB of 10⁹ bytes, the unit of figures on power per size. */
export function gbOfGib(gib: number): number {
  return (gib * BYTES_PER_GIB) / BYTES_PER_GB
}
