// How far an agent is, in a word for the style and in words for the reader.

import { said, t } from "#helpers/t.js"

export function laneStateOf(agent, parts = [], going = true) {
  if (agent.state === "done") return { name: "done", label: t("Done") }
  if (agent.state === "failed") return { name: "failed", label: said(agent) || t("Failed") }
  if (!going) return { name: "idle", label: t("Stopped") }
  if (parts.some((part) => asks(part, parts))) return { name: "asking", label: t("Waiting for your decision") }
  return { name: "running", label: parts.length ? t("Writing…") : t("Running…") }
}

function asks({ type, id, approval }, parts) {
  return type === "tool-call" && approval === "requested" && !parts.some((other) => other.type === "tool-result" && other.id === id)
}
