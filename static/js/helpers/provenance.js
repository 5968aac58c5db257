// Where an answer came from, in one line: model, tokens, cost when it is known, the time, and who could not answer.

import { tried } from "#helpers/asking.js"
import { language, t } from "#helpers/t.js"

export function provenance(message, nameOf = ({ model }) => model) {
  const facts = [nameOf(message), tokens(message.usage), cost(message.cost), time(message.created_at)]
  return [...facts, ...tried(message, nameOf)].filter(Boolean).join(" · ")
}

export function tokens(usage) {
  const count = usage?.output_tokens
  if (!count) return ""
  const key = usage.estimated ? "about {count} tokens" : "{count} tokens"
  return t(key, { count: count.toLocaleString(language()) })
}

// Costs are decimal strings of US dollars; small ones keep two digits that mean something.
export function cost(value) {
  const dollars = Number(value)
  if (value === null || value === undefined || !Number.isFinite(dollars) || dollars === 0) return ""
  if (dollars < 0.000_001) return "< $0.000001"
  return `$${dollars < 0.01 ? trimmed(dollars) : dollars.toFixed(2)}`
}

export function time(value) {
  if (!value) return ""
  return new Date(value).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit" })
}

function trimmed(dollars) {
  const digits = Math.ceil(-Math.log10(dollars)) + 1
  return dollars.toFixed(Math.min(digits, 8))
}
