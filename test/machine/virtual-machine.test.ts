import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCpuInfo } from '../../src/machine/cpu-info.ts'
import { isVirtualMachine } from '../../src/machine/virtual-machine.ts'

const cpuWith = (flags: string) => parseCpuInfo(`processor\t: 0\nflags\t\t: ${flags}\nbugs\t: hypervisor\n`)

test("a guest is told by its CPU's flag, wherever it stands, and by no other field", () => {
  assert.equal(isVirtualMachine(cpuWith('fpu hypervisor lahf_lm'), ''), true)
  assert.equal(isVirtualMachine(cpuWith('fpu lahf_lm hypervisor'), ''), true)
  assert.equal(isVirtualMachine(cpuWith('fpu hypervisor'), 'Dell Inc. PowerEdge R740'), true)
  assert.equal(isVirtualMachine(cpuWith('fpu lahf_lm'), 'Dell Inc. PowerEdge R740'), false)
  assert.equal(isVirtualMachine(cpuWith('fpu hypervisor_like'), null), false)
})

test('without a flag, as on arm64, the name that the firmware gives the machine tells', () => {
  const guests = [
    'QEMU QEMU Virtual Machine',
    'QEMU KVM Virtual Machine',
    'Red Hat KVM',
    'VMware, Inc. VMware7,1',
    'innotek GmbH VirtualBox',
    'Xen HVM domU',
    'Bochs Bochs',
    'Parallels Software International Inc. Parallels ARM Virtual Machine',
    'Microsoft Corporation Virtual Machine',
    'Amazon EC2 c7g.large',
    'Amazon EC2 m7g.large',
    'Google Google Compute Engine',
    'OpenStack Foundation OpenStack Nova',
    'Alibaba Cloud Alibaba Cloud ECS',
    'Apple Inc. Apple Virtualization Generic Platform',
  ]
  for (const product of guests) assert.equal(isVirtualMachine(cpuWith(''), product), true, product)
})

test('a machine of its own is none, a bare-metal instance of a cloud among them', () => {
  const machines = [
    null,
    '',
    'HPE ProLiant RL300 Gen11',
    'Amazon EC2 c7g.metal',
    'Amazon EC2 m7g.metal',
    'Amazon EC2 m7i.metal-48xl',
  ]
  for (const product of machines) assert.equal(isVirtualMachine(cpuWith(''), product), false, `${product}`)
})
