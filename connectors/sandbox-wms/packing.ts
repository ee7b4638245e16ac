/** How the embedded warehouse packs: one box, or more where one would be too heavy to lift. */

/** What is to be packed; weights in grams. */
export interface PackingLine {
  line_id: string;
  quantity: number;
  weight_grams?: number | undefined;
}

/** A packed box; its weight includes the packaging, in grams. */
export interface PackedBox {
  weight_grams: number;
  lines: { line_id: string; quantity: number }[];
}

const DEFAULT_UNIT_GRAMS = 500;
const PACKAGING_GRAMS = 200;
const MOST_GRAMS_IN_A_BOX = 25_000;

/** Fills boxes line by line; a unit heavier than a box's limit gets a box of its own. */
export function packBoxes(lines: readonly PackingLine[]): PackedBox[] {
  const boxes: PackedBox[] = [];
  let open: PackedBox | undefined;
  for (const line of lines) {
    const unit = line.weight_grams ?? DEFAULT_UNIT_GRAMS;
    let left = line.quantity;
    while (left > 0) {
      if (open === undefined || open.weight_grams + unit > MOST_GRAMS_IN_A_BOX) {
        open = { weight_grams: PACKAGING_GRAMS, lines: [] };
        boxes.push(open);
      }
      const fits = Math.max(1, Math.floor((MOST_GRAMS_IN_A_BOX - open.weight_grams) / unit));
      const quantity = Math.min(left, fits);
      open.lines.push({ line_id: line.line_id, quantity });
      open.weight_grams += quantity * unit;
      left -= quantity;
    }
  }
  return boxes;
}
