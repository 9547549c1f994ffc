import type { FuzzTarget } from '../target.ts'
import { acceleratorText } from './accelerator-text.ts'
import { allocationTerms } from './allocation-terms.ts'
import { certificateFile } from './certificate-file.ts'
import { cgroupPath } from './cgroup-path.ts'
import { configuration } from './configuration.ts'
import { http } from './http.ts'
import { intensityFile } from './intensity-file.ts'
import { kernelText } from './kernel-text.ts'
import { meterAnswer } from './meter-answer.ts'
import { numberFile } from './number-file.ts'
import { otlpAnswer } from './otlp-answer.ts'
import { pageQuestion } from './page-question.ts'
import { priceFile } from './price-file.ts'
import { prometheusAnswer } from './prometheus-answer.ts'
import { redfish } from './redfish.ts'
import { runtimeAnswer } from './runtime-answer.ts'
import { savedParts } from './saved-parts.ts'
import { seal } from './seal.ts'
import { sensorRecord } from './sensor-record.ts'
import { serverMetrics } from './server-metrics.ts'
import { smbios } from './smbios.ts'
import { snmpPacket } from './snmp-packet.ts'
import { tenantPattern } from './tenant-pattern.ts'
import { topAnswer } from './top-answer.ts'
import { webConfiguration } from './web-configuration.ts'
import { windowRequest } from './window-request.ts'

/** A new one is a file, a line here and a folder in `corpus`. */
export const TARGETS: readonly FuzzTarget[] = [
  configuration,
  webConfiguration,
  http,
  intensityFile,
  priceFile,
  smbios,
  savedParts,
  seal,
  sensorRecord,
  kernelText,
  numberFile,
  cgroupPath,
  serverMetrics,
  tenantPattern,
  acceleratorText,
  runtimeAnswer,
  pageQuestion,
  windowRequest,
  redfish,
  topAnswer,
  otlpAnswer,
  certificateFile,
  prometheusAnswer,
  allocationTerms,
  meterAnswer,
  snmpPacket,
]
