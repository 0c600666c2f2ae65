// Comparisons: one snippet on several runtimes.
import './cases-compare.mjs';
import './browse.mjs';
