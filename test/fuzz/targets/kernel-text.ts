import assert from 'node:assert/strict'
import { parseCpuInfo } from '../../../src/machine/cpu-info.ts'
import { parseCpuList } from '../../../src/machine/cpu-topology.ts'
import { parseCpuTimes } from '../../../src/sensors/estimate/cpu-times.ts'
import { parseSize } from '../../../src/sensors/estimate/estimate.ts'
import { parsePerfEvent, parsePerfScale } from '../../../src/sensors/rapl/perf-event.ts'
import { parseEnergyRange, parseZoneDirectory, parseZoneName } from '../../../src/sensors/rapl/zone-name.ts'
import type { FuzzTarget } from '../target.ts'

/** Texts of sysfs and procfs, read by everything that reads such texts: nothing, or a value within its bounds. */
export const kernelText: FuzzTarget = {
  name: 'kernel-text',
  tokens: [
    '0-3,8',
    '65535',
    'event=0x02',
    '2.3283064365386962890625e-10',
    'cpu  ',
    'cpu0 ',
    '\n',
    'package-0',
    '-die-1',
    'psys',
    'intel-rapl:0',
    ':1',
    'MemTotal: ',
    ' kB',
    'vendor_id\t: ',
    'GenuineIntel',
    'flags : hypervisor',
    '262143328850',
  ],
  run(input) {
    const text = input.toString('latin1')
    for (const cpu of parseCpuList(text) ?? []) assert.ok(cpu >= 0 && cpu < 65_536)
    const event = parsePerfEvent(text)
    assert.ok(event === undefined || (event >= 0 && event <= 0xff))
    const scale = parsePerfScale(text, 'Joules')
    assert.ok(scale === undefined || (scale.numerator > 0n && scale.denominator > 0n))
    const times = parseCpuTimes(text)
    assert.ok(times === null || [times.busy, times.idle, times.stolen].every(Number.isSafeInteger))
    const size = parseSize(text, text)
    assert.ok(size === null || (size.threads > 0 && size.memoryGib > 0))
    const { family, model, sockets, logicalCpus } = parseCpuInfo(text)
    assert.ok(family >= -1 && model >= -1 && sockets.length <= text.length && logicalCpus <= text.length)
    const range = parseEnergyRange(text)
    assert.ok(range === undefined || range > 0n)
    const zone = parseZoneDirectory(text)
    assert.ok(zone === undefined || zone.indices.every(Number.isSafeInteger))
    for (const parent of [undefined, 'package-0']) {
      const domain = parseZoneName(text, parent, false)
      assert.ok(domain === undefined || /^[A-Za-z0-9_./-]+$/.test(domain.device), domain?.device)
    }
  },
}
