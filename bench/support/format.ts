// Figures as people read them.

/** Three digits that say something, thousands in groups: `0.0521`, `12.3`, `1,234`. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return '?';
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return Math.round(value).toLocaleString('en-US');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(digits)));
}

/** `1.43 ×`. */
export function formatRatio(value: number): string {
  return `${formatValue(value)} ×`;
}

/** `+3.1 %`. */
export function formatChange(value: number): string {
  return `${value >= 0 ? '+' : ''}${(value * 100).toFixed(1)} %`;
}
