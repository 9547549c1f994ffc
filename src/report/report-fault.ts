/**
 * Why there is no report, in one sentence. `REPORT_NO_DATA`: the ledger cannot answer. `REPORT_TARIFF`: the file of prices.
 * `REPORT_OUTPUT`: it cannot be written.
 */
export type ReportFaultCode = 'REPORT_NO_DATA' | 'REPORT_TARIFF' | 'REPORT_OUTPUT'

export class ReportFault extends Error {
  readonly code: ReportFaultCode

  constructor(code: ReportFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ReportFault'
    this.code = code
  }
}
