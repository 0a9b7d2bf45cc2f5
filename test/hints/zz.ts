import {hintLines} from '../../shared/hint.ts';
import {findHints} from './find.ts';

console.time('x');
for (const {file, line} of findHints()) console.log(hintLines(line)[0]?.typed ? 'T' : ' ', file, '|', line);
console.timeEnd('x');
