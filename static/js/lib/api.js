// The few things that are asked over HTTP. Resolves with the answer's JSON, or throws an `ApiError`.

export class ApiError extends Error {
  constructor(status, error = {}) {
    super(error.message || `HTTP ${status}`)
    this.status = status
    this.code = error.code
  }
}

export class Api {
  models() {
    return this.#call("GET", "/api/models/")
  }

  tools() {
    return this.#call("GET", "/api/tools/")
  }

  sessions(page = "/api/sessions/") {
    return this.#call("GET", page)
  }

  messageOf(runId) {
    return this.#call("GET", `/api/runs/${runId}/message/`)
  }

  updateSession(id, changes) {
    return this.#call("PATCH", `/api/sessions/${id}/`, changes)
  }

  deleteSession(id) {
    return this.#call("DELETE", `/api/sessions/${id}/`)
  }

  async #call(method, path, body) {
    const response = await fetch(path, {
      method,
      headers: { Accept: "application/json", ...(method !== "GET" && writing()) },
      body: body && JSON.stringify(body),
    })
    const answer = response.status === 204 ? null : await response.json().catch(() => null)
    if (!response.ok) throw new ApiError(response.status, answer?.error)
    return answer
  }
}

export function writing() {
  return { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") }
}

export function cookie(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ""
}
