/** Names that hypervisors and clouds give to the machines of their guests. */
const GUESTS =
  /QEMU|KVM|VMware|VirtualBox|Virtual Machine|Xen|Bochs|Parallels|Amazon EC2|Google Compute|OpenStack|Alibaba Cloud|Apple Virt/i
/** A bare-metal instance of a cloud is a machine of its own. */
const BARE_METAL = /\bmetal\b/i

/**
 * Whether this system is a guest, so that its host's meters and parts are not its own. CPUID tells it on x86, and elsewhere
 * the name that the firmware gives the machine.
 */
export function isVirtualMachine(
  { hasHypervisorFlag }: { hasHypervisorFlag: boolean },
  product: string | null,
): boolean {
  const name = product ?? ''
  return hasHypervisorFlag || (GUESTS.test(name) && !BARE_METAL.test(name))
}
