// Control characters, line and paragraph separators, and the ones that reorder text around them.
const HIDDEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A name from outside with its invisible and reordering characters spelt out, so that it reads as what it is. */
export function visible(name: string): string {
  return name.replace(HIDDEN, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
