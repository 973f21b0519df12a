/**
 * Columns per call of what loops over them: a function that is called once per frame and loops over
 * all columns would be compiled in the middle of its loop, thrown out at its end and start each
 * frame slowly, where one that is called for ranges is compiled once and as a whole.
 */
export const rangeLength = 1024;
