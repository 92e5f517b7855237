// Cuts a text file of any size into pieces that can be parsed one by one, and knows where in the file each one starts.

/** Bytes in a piece: enough for few calls, and few enough for little memory and frequent progress. */
const SIZE = 4 << 20;

export interface Piece {
  text: string;
  /** How many bytes of the file have been read so far. */
  read: number;
  /** The place in the file of its first character, both from 1. */
  line: number;
  column: number;
}

/** The file's text in pieces, each cut in front of a separator. */
export async function* pieces(file: Blob, size = SIZE): AsyncGenerator<Piece, void> {
  const decoder = new TextDecoder();
  let [rest, line, column, comment] = ["", 1, 1, ""];
  for (let read = 0; read < file.size;) {
    const bytes = await file.slice(read, read + size).arrayBuffer();
    read += bytes.byteLength;
    const isLast = read === file.size;
    const text = rest + decoder.decode(bytes, { stream: !isLast });
    const cut = isLast ? text.length : whereToCut(text);
    const whole = text.slice(0, cut);
    rest = text.slice(cut);
    // If the cut was inside a comment, the piece starts as one; its first line's columns do not matter then.
    yield { text: comment + whole, read, line, column };

    const lines = whole.match(/\r\n?|\n/g)?.length ?? 0;
    const lastEnd = Math.max(whole.lastIndexOf("\n"), whole.lastIndexOf("\r"));
    const last = whole.slice(lastEnd + 1);
    line += lines;
    column = (lines ? 1 : column) + countCharacters(last);
    comment = last.includes("#") ? "#" : lines ? "" : comment;
  }
}

/** Turns the place in the piece that an error names into the place in the file. */
export function inFile<E extends { line?: number; column?: number }>(error: E, { line, column }: Piece): E {
  if (error.line === 1) error.column! += column - 1;
  if (error.line) error.line += line - 1;
  return error;
}

/** The last separator. Text without one holds no number, so it may be cut anywhere. */
function whereToCut(text: string): number {
  let cut = text.length - 1;
  while (cut > 0 && !"\t\n\r ,;".includes(text[cut]!)) cut--;
  if (text[cut] === "\n" && text[cut - 1] === "\r") cut--;
  return cut > 0 ? cut : text.length;
}

/** Characters outside the basic plane take two units of a string. */
function countCharacters(text: string): number {
  return text.replace(/[\udc00-\udfff]/g, "").length;
}
