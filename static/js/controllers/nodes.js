// Markdown tokens to elements. Only elements named here can come out, text is always text, links are checked
// and images are links: nothing that a model wrote is loaded or run.

import { fromTemplate } from "#controllers/controller.js"
import { formula } from "#controllers/formula.js"
import { decodeEntities } from "#helpers/entities.js"
import { disguised, safeLink } from "#helpers/links.js"
import { t } from "#helpers/t.js"

export function nodesOf(tokens = []) {
  return tokens.map((token) => (makers[token.type] ?? plain)(token))
}

export function drawn(tokens) {
  return filled(document.createDocumentFragment(), nodesOf(tokens))
}

const makers = {
  space: () => document.createDocumentFragment(),
  def: () => document.createDocumentFragment(),
  paragraph: ({ tokens }) => element("p", nodesOf(tokens)),
  unfinished: ({ tokens }) => element("p", nodesOf(tokens)),
  heading: ({ depth, tokens }) => element(`h${Math.min(depth + 1, 6)}`, nodesOf(tokens)),
  blockquote: ({ tokens }) => element("blockquote", nodesOf(tokens)),
  hr: () => element("hr"),
  list,
  table,
  code,
  formula,
  checkbox,
  strong: ({ tokens }) => element("strong", nodesOf(tokens)),
  em: ({ tokens }) => element("em", nodesOf(tokens)),
  del: ({ tokens }) => element("s", nodesOf(tokens)),
  codespan: ({ text }) => element("code", [text]),
  br: () => element("br"),
  escape: ({ text }) => text,
  text: (token) => (token.tokens ? drawn(token.tokens) : decodeEntities(token.text)),
  link: ({ href, tokens, raw }) => anchor(href, nodesOf(tokens), raw),
  image: ({ href, text, raw }) => anchor(href, [text || href], raw, "image-link"),
}

function plain({ raw }) {
  return raw
}

function list({ ordered, start, items }) {
  const made = element(ordered ? "ol" : "ul", items.map((item) => element("li", nodesOf(item.tokens))))
  if (ordered && start !== 1) made.start = start
  return made
}

function checkbox({ checked }) {
  const box = element("input")
  Object.assign(box, { type: "checkbox", disabled: true, checked, ariaLabel: checked ? t("done") : t("not done") })
  box.toggleAttribute("checked", checked)
  return box
}

function table({ header, rows }) {
  const head = element("thead", [element("tr", header.map((cell) => tableCell("th", cell)))])
  const body = element("tbody", rows.map((row) => element("tr", row.map((cell) => tableCell("td", cell)))))
  const frame = element("div", [element("table", [head, body])])
  Object.assign(frame, { className: "table", tabIndex: 0, role: "group", ariaLabel: t("Table") })
  return frame
}

function tableCell(tag, { align, tokens }) {
  const made = element(tag, nodesOf(tokens))
  if (align) made.className = `align-${align}`
  return made
}

function code({ lang, text }) {
  const block = fromTemplate("code-template")
  const language = (lang ?? "").trim().split(/[\s{,:]/)[0].toLowerCase()
  block.dataset.language = language
  block.querySelector("[data-code-language]").textContent = language || "text"
  block.querySelector("code").append(text)
  return block
}

function anchor(href, children, raw, className = "") {
  const address = safeLink(href)
  if (!address) return raw
  const link = element("a", children)
  const host = disguised(link.textContent, address)
  if (host) link.append(` (${host})`)
  Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer nofollow", className, title: address })
  return link
}

function element(tag, children = []) {
  return filled(document.createElement(tag), children)
}

// One by one: a call takes some tens of thousands of arguments at most.
function filled(parent, children) {
  for (const child of children) parent.append(child)
  return parent
}
