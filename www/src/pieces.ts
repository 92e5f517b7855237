// Cuts a text file of any size into pieces that can be read one by one, and tells where in the file each one starts.

/** Bytes read at once: enough to make the calls few, little enough to keep memory and the time to cancel small. */
const SIZE = 4 << 20;

/** A longer run of bytes without a separator is no number, so it may be cut anywhere. */
const LONGEST_NUMBER = 1 << 20;

const [TAB, LF, CR, SPACE, COMMA, SEMICOLON] = [9, 10, 13, 32, 44, 59];
const SEPARATORS = new Set([TAB, LF, CR, SPACE, COMMA, SEMICOLON]);

export interface Piece {
  text: string;
  /** Where in the file it ends, in bytes. */
  end: number;
  /** How many lines of the file end before it. */
  linesBefore: number;
  /** How many characters its first line has before it. */
  columnsBefore: number;
}

/** The file's text in pieces, each cut in front of a separator. */
export async function* pieces(
  file: Blob,
  size = SIZE,
): AsyncGenerator<Piece, void> {
  const decoder = new TextDecoder();
  let rest = new Uint8Array();
  let [linesBefore, columnsBefore, inComment] = [0, 0, false];
  for (let start = 0; start < file.size; start += size) {
    const next = await file.slice(start, start + size).arrayBuffer();
    const bytes = new Uint8Array(rest.length + next.byteLength);
    bytes.set(rest);
    bytes.set(new Uint8Array(next), rest.length);
    const isLast = start + size >= file.size;
    const cut = isLast ? bytes.length : whereToCut(bytes);
    rest = bytes.slice(cut);
    const end = Math.min(start + size, file.size) - rest.length;

    const text = decoder.decode(bytes.subarray(0, cut));
    // What continues a comment becomes one again; where its first line starts is of no matter then.
    yield {
      text: inComment ? `#${text}` : text,
      end,
      linesBefore,
      columnsBefore,
    };

    const lines = countLineEnds(bytes.subarray(0, cut));
    const lineStart =
      Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
    const line = text.slice(lineStart);
    linesBefore += lines;
    columnsBefore = (lines === 0 ? columnsBefore : 0) + countCharacters(line);
    inComment = (lines === 0 && inComment) || line.includes("#");
  }
}

/** Turns the place that an error names from one in the piece into one in the file. */
export function inFile<E extends { line?: number; column?: number }>(
  error: E,
  { linesBefore, columnsBefore }: Piece,
): E {
  if (error.line !== undefined && error.column !== undefined) {
    if (error.line === 1) error.column += columnsBefore;
    error.line += linesBefore;
  }
  return error;
}

/** The last place in front of a separator; between the two bytes of a Windows line end is none. */
function whereToCut(bytes: Uint8Array): number {
  let cut = bytes.length - 1;
  while (cut > 0 && !SEPARATORS.has(bytes[cut]!)) cut--;
  if (bytes[cut] === LF && bytes[cut - 1] === CR) cut--;
  return cut > 0 || bytes.length < LONGEST_NUMBER ? cut : bytes.length;
}

/** `\n`, `\r\n` and a lone `\r` end a line, as in editors. */
function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] !== LF)) count++;
  }
  return count;
}

/** Characters outside the first plane take two units of a string. */
function countCharacters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0);
}
