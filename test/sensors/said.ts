import type { Sensor } from '../../src/model/sensor.ts'

/** What each channel says when it is asked: µW, counts, or the code of a failure. */
export async function ask(sensor: Sensor): Promise<(bigint | string)[]> {
  const said: (bigint | string)[] = []
  for (const { first, readings } of await sensor.readNow(new AbortController().signal)) {
    for (const [at, one] of readings.entries()) {
      said[first + at] = one.status === 'failed' ? one.code : one.status === 'power' ? one.powerUw : one.count
    }
  }
  return said
}
