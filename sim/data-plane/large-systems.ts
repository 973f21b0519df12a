/** From this many pods on a system is large: what says nothing new is not worked out. */
const largePods = 1000;

/** Whether a system of so many pods is large; smaller ones are played second by second, in full. */
export function isLarge(pods: number): boolean {
  return pods >= largePods;
}
