import type { Edition, Publication } from './publication.ts'

const edition = (year: number, checked: string, kgPerKwh: string): Edition => ({
  year,
  publisher: 'UK Department for Energy Security and Net Zero',
  title: `UK Government GHG Conversion Factors for Company Reporting ${year}`,
  table: 'UK electricity, Electricity generated, kg CO2e',
  page: `https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-${year}`,
  licence: 'Open Government Licence v3.0',
  checked,
  unit: 'kg/kWh',
  figures: { GB: kgPerKwh },
})

/** The year of an edition is the calendar year of reporting that it is published for. */
export const DESNZ: Publication = {
  name: 'desnz',
  country: 'GB',
  use: 'location',
  contents: 'stack alone, CO2e of CO2, CH4 and N2O (AR5); losses of the grid not included, they are Scope 3',
  editions: [
    edition(2024, 'the published workbook, version 1.1', '0.20705'),
    edition(2025, 'the published workbook, version 1', '0.17700'),
    edition(2026, 'four independent transcriptions, one of them by gas (0.12943 + 0.00067 + 0.00086)', '0.13096'),
  ],
}
