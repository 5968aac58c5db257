// Code blocks: copied whole, and coloured once they have ended. The highlighter is fetched with the first one.

import { endingOf } from "#helpers/endings.js"
import { copyText } from "#lib/clipboard.js"

const MODULE = "@highlightjs/cdn-assets/es/highlight.min.js"
const LONGEST = 200_000 // characters; longer code stays plain
const PIECE = 4_000 // characters that the browser lays out anew when more comes

export async function highlight(node) {
  const blocks = node.matches?.(".code") ? [node] : (node.querySelectorAll?.(".code") ?? [])
  for (const block of blocks) if (block.dataset.language) await colour(block)
}

// Long code that is still being written, in blocks of lines: only the last one is laid out anew as it grows.
export function inPieces(node) {
  for (const code of node.querySelectorAll(".code code")) {
    const text = code.textContent
    if (text.length > PIECE) code.replaceChildren(...piecesOf(text).map(pieceNode))
  }
}

// For a click anywhere: copies or saves the block whose button it hit.
export function useCode(target) {
  if (target.closest("[data-code-download]")) return save(target.closest(".code"))
  const button = target.closest("[data-code-copy]")
  if (!button) return
  copyText(button.closest(".code").querySelector("code").textContent)
  button.classList.add("copied")
  setTimeout(() => button.classList.remove("copied"), 1500)
}

// As a file of the language's kind.
function save(block) {
  const address = URL.createObjectURL(new Blob([block.querySelector("code").textContent], { type: "text/plain" }))
  const link = document.createElement("a")
  Object.assign(link, { href: address, download: `code.${endingOf(block.dataset.language)}` })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

async function colour(block) {
  const { default: highlighter } = await import(MODULE)
  const code = block.querySelector("code")
  const { language } = block.dataset
  if (!highlighter.getLanguage(language) || code.textContent.length > LONGEST) return
  const text = code.textContent
  const tree = highlighter.highlight(text, { language, ignoreIllegals: true })._emitter.rootNode
  const coloured = tree.children.map(nodeOf)
  if (coloured.map((part) => part.textContent).join("") === text) code.replaceChildren(...coloured)
}

// Cut at ends of lines, and where the same text was cut before it grew.
function piecesOf(text) {
  const pieces = []
  for (let start = 0; start < text.length; start += pieces.at(-1).length) {
    const end = text.indexOf("\n", start + PIECE)
    pieces.push(text.slice(start, end < 0 ? text.length : end + 1))
  }
  return pieces
}

function pieceNode(text) {
  const piece = Object.assign(document.createElement("span"), { className: "code-piece" })
  piece.append(text)
  return piece
}

// The highlighter's tree holds strings and {scope, children}; it is read as it is, without a detour over HTML.
function nodeOf(part) {
  if (typeof part === "string") return document.createTextNode(part)
  const span = document.createElement("span")
  if (part.scope) span.className = `hl-${part.scope.split(".")[0].replace(/\W/g, "-")}`
  span.append(...part.children.map(nodeOf))
  return span
}
