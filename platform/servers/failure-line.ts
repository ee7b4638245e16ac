const MAX = 240;

/** The one line of a program's error output that says most: the last one that names an error, else the last one. */
export function failureLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !/^at |^Node\.js v|^\^+$|^[{}\]]/.test(line));
  const telling = lines.filter((line) => /error|failed|refused|denied|timed? ?out|not found/i.test(line));
  const chosen = telling.at(-1) ?? lines.at(-1) ?? 'it said nothing';
  const next = lines[lines.lastIndexOf(chosen) + 1];
  const line = chosen.endsWith(':') && next ? `${chosen} ${next}` : chosen;
  return line.length > MAX ? `${line.slice(0, MAX)}…` : line;
}
