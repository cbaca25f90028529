import { keepLaws } from './keep-laws.ts';
import { OWN } from './own-schedulers.ts';

// In a file of its own, beside the other one: they take about as long as all others.
keepLaws(OWN.filter(({ options }) => options.family === 'pbt'));
