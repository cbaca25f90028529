/** The constants of the evolution, by the numbers of dimensions and of points in a generation. Names as in Hansen's tutorial. */
export interface Strategy {
  readonly dimensions: number;
  /** λ */
  readonly population: number;
  /** One for each rank, the best first; those of the worse half are negative. The positive ones add up to 1. */
  readonly weights: Float64Array;
  /** Of the positive weights. */
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cc: number;
  readonly c1: number;
  readonly cMu: number;
  /** How long a standard normal vector is on average. */
  readonly chi: number;
}

/** λ when nobody says otherwise: equation 48 with 1.5 in place of 3, which finds more in a few hundred trials. */
export const usualPopulation = (dimensions: number): number => 4 + Math.floor(1.5 * Math.log(dimensions));

/**
 * Equations 49 to 58 of the tutorial, of the first version of it in cμ, where there is no 1/4.
 *
 * @param population - an integer >= 4
 * @see Hansen 2016, "The CMA evolution strategy: a tutorial", arXiv 1604.00772
 */
export function strategyOf(dimensions: number, population: number): Strategy {
  const raw = Float64Array.from({ length: population }, (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1));
  const [better, worse] = [raw.slice(0, population >> 1), raw.slice(population >> 1)];
  const [muEff, muEffWorse] = [effective(better), effective(worse)];
  const n = dimensions;
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1 - 1e-8, (2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const most = Math.min(1 + c1 / cMu, 1 + (2 * muEffWorse) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const [gain, loss] = [sum(better), -sum(worse)];
  return {
    dimensions,
    population,
    weights: raw.map((weight) => (weight >= 0 ? weight / gain : (weight * most) / loss)),
    muEff,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cc: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    c1,
    cMu,
    chi: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** As how many equal weights these count. */
const effective = (weights: Float64Array): number => sum(weights) ** 2 / sum(weights.map((weight) => weight * weight));
