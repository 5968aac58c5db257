// Where a tool call is, in a word for the style and in words for the reader. It follows from the parts alone.

import { t } from "#helpers/t.js"

const NOT_RUN = new Set(["tool_not_run", "tool_stopped", "tool_limit_reached"])

export function toolStateOf(call, result, going) {
  if (result && !result.preliminary) return result.code || result.error ? failure(result) : done(result)
  if (call.open && going) return { name: "writing", label: t("Preparing…") }
  if (call.approval === "requested" && going) return { name: "asking", label: t("Waiting for your decision") }
  if (going && call.executor !== "client") return { name: "running", label: t("Running…") }
  return { name: "idle", label: "" }
}

function done({ duration_ms }) {
  const seconds = (duration_ms ?? 0) / 1000
  return { name: "done", label: seconds < 1 ? t("Done") : t("Done in {seconds} s", { seconds: seconds.toFixed(1) }) }
}

function failure({ code }) {
  if (code === "tool_unknown_outcome") return { name: "unknown", label: t("Outcome unknown") }
  if (code === "tool_rejected" || code === "tool_approval_expired") return { name: "idle", label: t("Rejected") }
  if (NOT_RUN.has(code)) return { name: "idle", label: t("Not run") }
  return { name: "failed", label: t("Failed") }
}
