import type { Clock } from '../../model/clock.ts'
import type { Reading, Sweep } from '../../model/reading.ts'
import { SensorError } from '../../model/sensor-error.ts'
import { meterScope } from '../declared/scopes.ts'
import { mostTelling } from '../first-usable.ts'
import { SampledSensor, type Sampling } from '../sampled-sensor.ts'
import type { SensorCode } from '../sensor-type.ts'
import { FileInput } from './input.ts'
import type { FileSettings } from './schema.ts'

/** Numbers in files that other programs write: the way in for a smart plug, an outlet of a rack, a vendor's tool. */
export const file: SensorCode<FileSettings> = {
  create(settings, { clock }) {
    const inputs = inputsOf(settings, clock)
    return new SampledSensor('file', settings.interval, clock, () => open(inputs, settings.interval))
  },
}

function inputsOf({ inputs }: FileSettings, clock: Clock): readonly FileInput[] {
  const meter = meterScope(inputs)
  return inputs.map((one) => new FileInput(one, one.scope === meter, clock))
}

/** One file that can be read is enough: the others fail for themselves until they can. */
function open(inputs: readonly FileInput[], intervalMs: number): Sampling {
  if (inputs.length === 0)
    throw new SensorError('SENSOR_ABSENT', 'sensors.file.inputs names no file', { isUnconfigured: true })
  const refusals = inputs.flatMap((input) => {
    const error = refusalOf(input)
    return error === null ? [] : [{ label: input.path, error }]
  })
  if (refusals.length === inputs.length) throw mostTelling('file', refusals)
  return {
    channels: inputs.map((input) => input.channel(intervalMs)),
    read: (isAsked) => inputs.flatMap((input, first) => sweepOf(first, input.read(isAsked))),
    changed: () => inputs.some(({ isFiner }) => isFiner),
  }
}

function refusalOf(input: FileInput): SensorError | null {
  try {
    input.probe()
    return null
  } catch (error) {
    if (error instanceof SensorError) return error
    throw error
  }
}

function sweepOf(first: number, reading: Reading | null): readonly Sweep[] {
  return reading === null ? [] : [{ first, readings: [reading] }]
}
