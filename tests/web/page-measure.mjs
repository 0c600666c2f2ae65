// Measurements: two snippets against each other.
import './cases-measure.mjs';
import './browse.mjs';
