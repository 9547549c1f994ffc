/**
 * Water consumed (evaporated or otherwise not returned, not withdrawn) per kWh of a country's grid electricity, hydropower's
 * reservoirs included: Reig, Luo, Christensen and Sinistore, Guidance for Calculating Water Use Embedded in Purchased
 * Electricity, World Resources Institute, 2020 (CC BY 4.0), country averages, as transcribed in EcoLogits
 * (electricity_mixes.csv, column wue, pull request 181); they round to those that Li et al. (Making AI Less Thirsty, 2023)
 * quote from WRI. Australia and Taiwan, where the two differ, are left out. A country that is not here has no figure.
 */
export const GRID_WATER_SOURCE = 'WRI 2020'

/** ISO 3166 alpha-3 code and L/kWh. */
const FACTORS = `
  ARG 11.4558   AUT 5.7222  BEL 2.6198  BGR 4.6228  BRA 18.6033  CAN 8.1662  CHE 5.6641  CHL 10.5226
  CHN 6.0065  CYP 1.2947  CZE 3.2133  DEU 1.947  DNK 3.1935  ESP 6.2088  EST 2.1986  FIN 4.5289  FRA 3.6737
  GBR 2.329  GRC 5.1451  HUN 3.6874  IDN 2.2554  IND 3.4368  IRL 1.4769  ISL 6.1409  ITA 4.8374  JPN 2.3063
  KOR 1.8877  LTU 5.8994  LUX 12.7784  LVA 2.5526  MEX 5.3047  MLT 1.1185  MYS 1.6778  NLD 3.433  NOR 6.6633
  NZL 14.9681  POL 2.5135  PRT 9.5932  ROU 7.3563  RUS 3.4595  SVK 5.7952  SVN 2.9769  SWE 6.0315  THA 2.8902
  TUR 4.9197   UKR 2.1306  USA 3.1321
`

/** L/kWh of the country with this alpha-3 code; null where WRI gives none. */
export function gridWaterFactor(alpha3: string): number | null {
  const text = new RegExp(`\\b${alpha3} ([\\d.]+)`).exec(FACTORS)?.[1]
  return text === undefined ? null : Number(text)
}
