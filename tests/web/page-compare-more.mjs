// Comparisons, in every corner.
import './cases-compare-more.mjs';
import './browse.mjs';
