/** A campus of two halls; both have a rack with the label r12. */
export const SITE = `places:
  fra1: { level: campus }
  hall-a: { level: room, in: fra1 }
  a-1: { level: row, in: hall-a }
  r12: { level: rack, in: a-1, hosts: [db-17, db-18] }
  r13: { level: rack, in: a-1, hosts: ['machine:0123456789abcdef0123456789abcdef'] }
  hall-b: { level: room, in: fra1 }
  b12: { level: rack, in: hall-b, label: r12, hosts: [web-1] }
meters:
  main: { measures: main, place: fra1, series: 'site_energy{meter="1"}', unit: kWh, uncertainty: 0.005 }
  crac: { measures: cooling, place: hall-a, behind: main, series: crac_watts, unit: W }
  ups-a: { measures: ups, place: hall-a, behind: main, series: ups_output_kw, unit: kW }
  pdu-12a: { measures: pdu, place: r12, behind: ups-a, series: "pdu_watts{pdu='12a'}", unit: W, factor: 10, uncertainty: 0.01, since: '2026-01-01T00:00Z' }
  pdu-12b: { measures: pdu, place: r12, behind: ups-a, series: "pdu_watts{pdu='12b'}", unit: W, factor: 10, uncertainty: 0.01 }
  tower: { measures: water, place: fra1, series: tower_m3_total, unit: m3 }
`
