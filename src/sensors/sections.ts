import type * as z from 'zod'
import { amdgpuSchema } from './amdgpu/schema.ts'
import { craySchema } from './cray/schema.ts'
import { estimateSchema } from './estimate/schema.ts'
import { fileSchema } from './file/schema.ts'
import { hsmpSchema } from './hsmp/schema.ts'
import { httpSchema } from './http/schema.ts'
import { hwmonSchema } from './hwmon/schema.ts'
import { ipmiSchema } from './ipmi/schema.ts'
import { nutSchema } from './nut/schema.ts'
import { nvmlSchema } from './nvml/schema.ts'
import { pduSchema } from './pdu/schema.ts'
import { raplSchema } from './rapl/schema.ts'
import { redfishSchema } from './redfish/schema.ts'
import type { SENSORS } from './registry.ts'
import { scmiSchema } from './scmi/schema.ts'
import type { SensorType, Switch } from './sensor-type.ts'

/** What a section of the configuration has to give, so that the code of its sensor can be created with it. */
type SectionOf<Type> = Type extends SensorType<string, infer Settings> ? z.ZodType<Switch & Settings> : never
type Sections = { readonly [Type in (typeof SENSORS)[number] as Type['name']]: SectionOf<Type> }

/** The section of each sensor, apart from its code: whoever reads a configuration needs no sensor, and an agent no schema. */
export const sensorSections = {
  rapl: raplSchema,
  nvml: nvmlSchema,
  amdgpu: amdgpuSchema,
  hsmp: hsmpSchema,
  ipmi: ipmiSchema,
  cray: craySchema,
  hwmon: hwmonSchema,
  scmi: scmiSchema,
  file: fileSchema,
  http: httpSchema,
  nut: nutSchema,
  pdu: pduSchema,
  redfish: redfishSchema,
  estimate: estimateSchema,
} satisfies Sections
