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
  "tool-input-start": onToolInputStart,
  "tool-input-delta": onToolInputDelta,
  "tool-input-available": onToolInputAvailable,
  "tool-approval-request": onToolApprovalRequest,
  "tool-approval": onToolApproval,
  "tool-output-available": onToolOutput,
  "tool-output-error": onToolOutputError,
  file: onFile,
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

function onToolInputStart(parts, { tool_call_id: id, tool_name: name, executor = "server" }) {
  const known = parts.some((part) => part.type === "tool-call" && part.id === id)
  return known ? parts : [...parts, { type: "tool-call", id, name, arguments: "", executor, open: true }]
}

function onToolInputDelta(parts, { tool_call_id, delta }) {
  return called(parts, tool_call_id, (call) =>
    call.open ? { ...call, arguments: (call.arguments ?? "") + delta } : call,
  )
}

function onToolInputAvailable(parts, { tool_call_id, error = "" }) {
  return called(parts, tool_call_id, ({ open, ...call }) => ({ ...call, error }))
}

function onToolApprovalRequest(parts, { tool_call_id }) {
  return called(parts, tool_call_id, (call) => ({ ...call, approval: "requested" }))
}

function onToolApproval(parts, { tool_call_id, decision, arguments: edited }) {
  return called(parts, tool_call_id, (call) => ({
    ...call,
    approval: decision,
    arguments: edited ?? call.arguments,
  }))
}

function onToolOutput(parts, { tool_call_id, output = null, duration_ms = null, preliminary = false }) {
  return answered(parts, { type: "tool-result", id: tool_call_id, output, duration_ms, preliminary })
}

function onToolOutputError(parts, { tool_call_id, code, message, duration_ms = null }) {
  return answered(parts, { type: "tool-result", id: tool_call_id, code, error: message, duration_ms })
}

function onFile(parts, { media_type, file_id = "", url = "", name = "" }) {
  const family = media_type.split("/")[0]
  const type = ["image", "audio", "video"].includes(family) ? family : "file"
  return [...parts, { type, media_type, file_id, url, name }]
}

const SOURCE = ["url", "title", "file_id", "place", "quote", "part_id", "start", "end"]

function onSource(parts, { source_id: id, ...event }) {
  if (parts.some((part) => part.type === "source" && part.id === id)) return parts
  const told = SOURCE.filter((name) => name in event).map((name) => [name, event[name]])
  return [...parts, { type: "source", id, ...Object.fromEntries(told) }]
}

function onData(parts, { name, value = null }) {
  const part = { type: "data", name, value }
  const index = parts.findIndex((old) => old.type === "data" && old.name === name)
  return index < 0 ? [...parts, part] : parts.with(index, part)
}

function called(parts, id, change) {
  return parts.map((part) => (part.type === "tool-call" && part.id === id ? change(part) : part))
}

// A preliminary result is replaced; a final one stays, whatever comes after it.
function answered(parts, result) {
  const index = parts.findIndex((part) => part.type === "tool-result" && part.id === result.id)
  if (index < 0) return [...parts, result]
  return parts[index].preliminary ? parts.with(index, result) : parts
}

function replaced(parts, type, id, change) {
  const index = parts.findLastIndex((part) => part.type === type && part.id === id && part.open)
  return index < 0 ? parts : parts.with(index, change(parts[index]))
}
