/** A generation of processors: those of one microarchitecture and place in the market, whose power behaves alike. */
export interface Generation {
  readonly name: string
  /** In which the first of them were sold. */
  readonly year: number
}

type Rule = readonly [pattern: RegExp, name: string, year: number]

/*
 * By the number of the model in its canonical spelling, the first rule that fits. Years are those of the makers' catalogues.
 * Intel's server numbers have the generation in their second digit since 2017, after `v` before; AMD's in their last.
 */
const XEON: readonly Rule[] = [
  [/^xeon 63\d\dp/, 'raptorlake', 2023],
  [/^xeon 6[5-9]\d\dp/, 'graniterapids', 2024],
  [/^xeon 6[5-9]\d\de/, 'sierraforest', 2024],
  [/^xeon (e-2[12]|w-12)/, 'coffeelake', 2018],
  [/^xeon ([ew]-13|e-23)/, 'rocketlake', 2021],
  [/^xeon e-24/, 'raptorlake', 2023],
  [/^xeon w-[23]1/, 'skylake-sp', 2017],
  [/^xeon w-[23]2/, 'cascadelake', 2019],
  [/^xeon w-33/, 'icelake-sp', 2021],
  [/^xeon w\d-[23][45]/, 'sapphirerapids', 2023],
  [/^xeon d-1[56]/, 'broadwell-de', 2015],
  [/^xeon d-2[12]/, 'skylake-sp', 2017],
  [/^xeon d-[12][78]/, 'icelake-d', 2022],
  [/^xeon e3-\d+\w* v6/, 'kabylake', 2017],
  [/^xeon e3-\d+\w* v5/, 'skylake', 2015],
  [/^xeon e3-\d+\w* v4/, 'broadwell', 2015],
  [/^xeon e3-\d+\w* v3/, 'haswell', 2013],
  [/^xeon e3-\d+\w* v2/, 'ivybridge', 2012],
  [/^xeon e3-/, 'sandybridge', 2011],
  [/^xeon e[57]-\d+\w* v4/, 'broadwell-ep', 2016],
  [/^xeon e[57]-\d+\w* v3/, 'haswell-ep', 2014],
  [/^xeon e[57]-\d+\w* v2/, 'ivybridge-ep', 2013],
  [/^xeon e5-/, 'sandybridge-ep', 2012],
  [/^xeon e7-/, 'westmere-ex', 2011],
  // Woodcrest has no tier before its number; of Skylake it is part of the canonical name.
  [/^xeon 51([1-6]0|33|48)$/, 'core', 2006],
  [/^xeon [568]3\d\dh/, 'cooperlake', 2020],
  [/^xeon (gold )?[34568]1\d\d[a-z]?$/, 'skylake-sp', 2017],
  [/^xeon [345689]2\d\d[a-z]*$/, 'cascadelake', 2019],
  [/^xeon [34568]3\d\d[a-z]*\+?$/, 'icelake-sp', 2021],
  [/^xeon [345689]4\d\d[a-z]*\+?$/, 'sapphirerapids', 2023],
  [/^xeon [34568]5\d\d[a-z]*\+?$/, 'emeraldrapids', 2023],
  [/^xeon [xlew]?(36|56)\d\d$/, 'westmere', 2010],
  [/^xeon [xlew][67]5\d\d$/, 'nehalem-ex', 2010],
  [/^xeon [xlew](34|35|55)\d\d$/, 'nehalem', 2009],
  [/^xeon [xlew](31|33|52|54|74)\d\d$/, 'penryn', 2008],
  [/^xeon [xlew]?(30|32|51|53|72|73)\d\d$/, 'core', 2006],
  [/^xeon( mp)?( lv)? [57][01]\d\d$/, 'netburst', 2005],
]

/** Clouds have letters in theirs, as 7R13 and 9V74. */
const EPYC: readonly Rule[] = [
  [/^epyc-turin|^epyc 9\w\w5[fpsx]?$/, 'turin', 2024],
  [/^epyc 97\d4/, 'bergamo', 2023],
  [/^epyc-genoa|^epyc 9\w\w4[fpsx]?$|^epyc 9v/, 'genoa', 2022],
  [/^epyc 8\d\d4/, 'siena', 2023],
  [/^epyc 4\d\d[45]/, 'raphael', 2024],
  [/^epyc-milan|^epyc 7\w\w3[fpx]?$/, 'milan', 2021],
  [/^epyc-rome|^epyc 7\w\w2p?$/, 'rome', 2019],
  [/^epyc [37]\w\w1p?$/, 'naples', 2017],
]

/** Hygon's Dhyana is a Zen. */
const HYGON: readonly Rule[] = [[/^hygon/, 'naples', 2018]]

const OPTERON: readonly Rule[] = [
  [/^opteron (41\d\d|61\d\d)/, 'magny-cours', 2010],
  [/^opteron (32|42|62)\d\d/, 'bulldozer', 2011],
  [/^opteron (33|43|63)\d\d/, 'piledriver', 2012],
  [/^opteron (24|84)[1-3]\d/, 'istanbul', 2009],
  [/^opteron [238]3[78]\d/, 'shanghai', 2008],
  [/^opteron [1238]35?\d/, 'barcelona', 2008],
  [/^opteron (a11|x)/, 'opteron-x', 2013],
  [/^opteron/, 'k8', 2005],
]

const OTHERS: readonly Rule[] = [
  [/altra|ampereone|neoverse-n|graviton ?2|kunpeng|cobalt|yitian|emag|thunderx|taishan/, 'neoverse-n', 2020],
  [/grace|neoverse-v|graviton ?[34]|axion|cortex-x/, 'neoverse-v', 2022],
  [/^cortex|^arm|graviton/, 'cortex', 2016],
  [/^core ultra/, 'core-ultra', 2024],
  [/^core i\d-1[2-4]\d\d\d/, 'alderlake', 2021],
  [/^core i\d-11\d\d/, 'rocketlake', 2021],
  [/^core i\d-(10\d|[89]\d\d)\d/, 'coffeelake', 2018],
  [/^core i\d-7\d\d\d/, 'kabylake', 2017],
  [/^core i\d-6\d\d\d/, 'skylake', 2015],
  [/^core i\d-5\d\d\d/, 'broadwell', 2015],
  [/^core i\d-4\d\d\d/, 'haswell', 2013],
  [/^core i\d-3\d\d\d/, 'ivybridge', 2012],
  [/^core i\d-2\d\d\d/, 'sandybridge', 2011],
  [/^core i\d[- ]?\d\d\d\w?m?$/, 'nehalem', 2009],
  [/^core2|^pentium (dual|e)/, 'penryn', 2008],
  [/^(pentium|celeron)( gold| silver)? [gjn]/, 'celeron', 2015],
  [/^atom|^n\d{2,3}$|^core i3-n/, 'atom', 2013],
  [/^ryzen.* 9\d\d\d|^ryzen ai/, 'zen5', 2024],
  [/^ryzen.* [78]\d\d\d/, 'zen4', 2022],
  [/^ryzen.* [56]\d\d\d/, 'zen3', 2020],
  [/^ryzen.* [34]\d\d\d/, 'zen2', 2019],
  [/^ryzen/, 'zen', 2017],
  [/^power ?1\d|^power ?[89]/, 'power', 2017],
]

const RULES: readonly Rule[] = [...XEON, ...EPYC, ...HYGON, ...OPTERON, ...OTHERS]

/** The generation of a processor by its canonical name; null when no rule knows it. */
export function generationOf(key: string): Generation | null {
  const [, name, year] = RULES.find(([pattern]) => pattern.test(key)) ?? []
  return name === undefined || year === undefined ? null : { name, year }
}
