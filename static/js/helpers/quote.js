// A text as a quotation in Markdown.

export function quoted(text) {
  return `${text.trim().split("\n").map((line) => `> ${line}`.trimEnd()).join("\n")}\n\n`
}
