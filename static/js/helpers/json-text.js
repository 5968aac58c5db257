// JSON text with a line per member, also while it is still being written. Pure.

const PIECE = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/gs

export function laidOut(text) {
  let [out, depth, before] = ["", 0, ""]
  for (const [piece] of text.matchAll(PIECE)) {
    const closes = piece === "}" || piece === "]"
    if (closes) depth = Math.max(0, depth - 1)
    if (opens(before) ? !closes : closes || before === ",") out += `\n${"  ".repeat(depth)}`
    out += piece === ":" ? ": " : piece
    if (opens(piece)) depth += 1
    before = piece
  }
  return out
}

const opens = (piece) => piece === "{" || piece === "["
