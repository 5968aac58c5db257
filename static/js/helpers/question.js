// What a workflow asks, and what was answered: null while nothing is decided, "" where the reader said nothing.

export function questionOf(call, result) {
  const { question = "", answer = "" } = parsed(call.arguments)
  if (result) return { question, given: result.code || result.error ? "" : String(result.output ?? "") }
  if (call.approval === "approve") return { question, given: answer }
  return { question, given: call.approval === "reject" ? "" : null }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {} // still on its way
  }
}
