import type { Edition, Publication } from './publication.ts'

/** Of the Australian National Greenhouse Accounts Factors, whose year is that of the edition. */
function edition(year: number, table: string, figures: Edition['figures']): Edition {
  return {
    year,
    publisher: 'Australian Department of Climate Change, Energy, the Environment and Water',
    title: `Australian National Greenhouse Accounts Factors ${year}`,
    table,
    page: `https://www.dcceew.gov.au/climate-change/publications/national-greenhouse-accounts-factors-${year}`,
    licence: 'CC BY 4.0',
    checked: 'two independent transcriptions that agree',
    unit: 'kg/kWh',
    figures,
  }
}

const LOCATION = 'Table 1, Scope 2 emission factors, location-based (kg CO2-e/kWh)'
const MARKET = 'Table 2, Scope 2 residual mix factor, market-based (kg CO2-e/kWh)'

/** Tasmania's figure of 2026 is left out: two transcriptions of it differ. */
export const NGA: Publication = {
  name: 'nga',
  country: 'AU',
  use: 'location',
  contents: 'stack alone, CO2e of CO2, CH4 and N2O (AR5); losses of the grid not included, they are Scope 3',
  editions: [
    edition(2025, LOCATION, {
      ACT: '0.64',
      NSW: '0.64',
      'NT-DKIS': '0.56',
      QLD: '0.67',
      SA: '0.22',
      TAS: '0.20',
      VIC: '0.78',
      'WA-SWIS': '0.50',
    }),
    edition(2026, LOCATION, {
      ACT: '0.60',
      NSW: '0.60',
      'NT-DKIS': '0.55',
      QLD: '0.65',
      SA: '0.21',
      VIC: '0.74',
      'WA-SWIS': '0.45',
    }),
  ],
}

export const NGA_RESIDUAL: Publication = {
  name: 'nga-residual',
  country: 'AU',
  use: 'residual',
  contents: NGA.contents,
  editions: [edition(2025, MARKET, { AU: '0.81' }), edition(2026, MARKET, { AU: '0.79' })],
}
