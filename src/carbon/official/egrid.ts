import type { Publication } from './publication.ts'

/*
 * Total output emission rates of the subregions of the grid of the USA.
 */

export const EGRID: Publication = {
  name: 'egrid',
  country: 'US',
  use: 'location',
  contents: 'stack alone, CO2e of CO2, CH4 and N2O (AR5); losses of the grid not included',
  editions: [
    {
      year: 2023,
      publisher: 'US Environmental Protection Agency',
      title: 'eGRID2023, summary tables, revision 2 (June 2025)',
      table: 'Table 1, total output emission rates, CO2e (lb/MWh)',
      page: 'https://www.epa.gov/egrid/summary-data',
      licence: 'public domain (work of the US government)',
      checked: 'the published workbook, and an independent transcription of all 27 figures',
      unit: 'lb/MWh',
      figures: {
        AKGD: '905.109',
        AKMS: '522.400',
        AZNM: '706.189',
        CAMX: '429.983',
        ERCT: '736.629',
        FRCC: '784.785',
        HIMS: '1133.294',
        HIOA: '1498.947',
        MROE: '1404.963',
        MROW: '926.552',
        NEWE: '543.178',
        NWPP: '635.267',
        NYCW: '865.744',
        NYLI: '1189.333',
        NYUP: '242.776',
        PRMS: '1548.530',
        RFCE: '599.170',
        RFCM: '975.978',
        RFCW: '916.054',
        RMPA: '1042.539',
        SPNO: '867.740',
        SPSO: '875.567',
        SRMV: '741.741',
        SRMW: '1248.582',
        SRSO: '846.007',
        SRTV: '903.306',
        SRVC: '596.326',
      },
    },
  ],
}
