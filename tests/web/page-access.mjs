// The page for those who see, hear or point differently, and what of it can be taken elsewhere as a picture.
import './cases-access.mjs';
import './cases-plain.mjs';
import './cases-svg.mjs';
import './browse.mjs';
