// A text that is still being written often stops inside a mark (`**bol`, `[a link](htt`). For display only, the
// mark is closed, so that it does not flash as raw characters before its end arrives.

const FENCE = /^[ >]*(?:(?:[*+-]|\d{1,9}[.)])[ >]+)*(?:```|~~~)/m // in a list or a quotation too

export function closed(source) {
  const line = source.slice(source.lastIndexOf("\n\n") + 1)
  if (FENCE.test(line)) return source
  const ticks = count(line, /`+/g)
  if (ticks % 2) return `${source}\``
  const cut = source.replace(/!?\[([^\]\n]*)\]\([^)\s]*$/, "$1").replace(/[*_~]+$/, "")
  const prose = line.replace(/`[^`]*`/g, "")
  const tail = cut.length === source.length ? "" : source.slice(cut.length)
  if (/^[*_~]+$/.test(tail)) return opened(prose.slice(0, -tail.length), cut)
  return opened(prose, cut)
}

function opened(prose, source) {
  const bold = count(prose, /\*\*(?=\S)|(?<=\S)\*\*/g)
  return bold % 2 && /\S$/.test(source) ? `${source}**` : source
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0
}
