// `fold(parts, event)`: the parts of a message after one more event. Pure; the twin of providers/folding.py,
// and both are held to tests/cases/fold.json. A delta for a part that was never started is dropped.

export function fold(parts, event) {
  return changes[event.type]?.(parts, event) ?? parts
}

export function textOf(parts) {
  return parts.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join("")
}

const changes = {
  "attempt-start": onAttemptStart,
  "text-start": (parts, event) => onStart(parts, event, "text"),
  "text-delta": (parts, event) => onDelta(parts, event, "text"),
  "text-end": (parts, event) => onEnd(parts, event, "text"),
  "reasoning-start": (parts, event) => onStart(parts, event, "reasoning"),
  "reasoning-delta": (parts, event) => onDelta(parts, event, "reasoning"),
  "reasoning-end": (parts, event) => onEnd(parts, event, "reasoning"),
  source: onSource,
  data: onData,
}

function onAttemptStart(parts, { keeps }) {
  return keeps ? parts : []
}

function onStart(parts, { part_id }, type) {
  const known = parts.some((part) => part.type === type && part.id === part_id)
  return known ? parts : [...parts, { type, id: part_id, text: "", open: true }]
}

function onDelta(parts, { part_id, delta }, type) {
  return replaced(parts, type, part_id, (part) => ({ ...part, text: (part.text ?? "") + delta }))
}

function onEnd(parts, { part_id, signature }, type) {
  return replaced(parts, type, part_id, ({ open, ...part }) => (signature ? { ...part, signature } : part))
}

function onSource(parts, { source_id, url = "", title = "" }) {
  const known = parts.some((part) => part.type === "source" && part.id === source_id)
  return known ? parts : [...parts, { type: "source", id: source_id, url, title }]
}

function onData(parts, { name, value = null }) {
  const part = { type: "data", name, value }
  const index = parts.findIndex((old) => old.type === "data" && old.name === name)
  return index < 0 ? [...parts, part] : parts.with(index, part)
}

function replaced(parts, type, id, change) {
  const index = parts.findLastIndex((part) => part.type === type && part.id === id && part.open)
  return index < 0 ? parts : parts.with(index, change(parts[index]))
}
