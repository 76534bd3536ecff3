// Colours, where somebody sees them. Colour is never the only thing that tells two lines apart.

const RESET = '\u001b[0m';
const CODES = { green: 32, yellow: 33, red: 31, bold: 1, dim: 2 } as const;

export type Paint = Readonly<Record<keyof typeof CODES, (text: string) => string>>;

export function paint(colour: boolean): Paint {
  const wrap = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}${RESET}` : text);
  return {
    green: wrap(CODES.green),
    yellow: wrap(CODES.yellow),
    red: wrap(CODES.red),
    bold: wrap(CODES.bold),
    dim: wrap(CODES.dim),
  };
}

/** Whether standard output is a terminal with colours. Node looks at NO_COLOR, FORCE_COLOR and TERM for us. */
export function useColour(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}
