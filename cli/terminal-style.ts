/** How wide and how colourful this terminal is; wide and plain where there is none. */
export function terminalStyle(): { readonly color: boolean; readonly width: number } {
  const { stdout } = process;
  return {
    color: stdout.isTTY === true && !process.env.NO_COLOR,
    width: stdout.columns ?? 140,
  };
}
