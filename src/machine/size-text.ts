/** Of disks in GB of 10⁹ bytes and of memory in GiB: each as its makers call it. */
export function sizeText(gb: number): string {
  return gb >= 1000 ? `${Number((gb / 1000).toPrecision(3))} TB` : `${Number(gb.toPrecision(3))} GB`
}
