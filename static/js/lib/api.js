// The few things that are asked over HTTP. Resolves with the answer's JSON, or throws an `ApiError`.

import { ApiError } from "#helpers/api-error.js"

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

  createSession(fields) {
    return this.#call("POST", "/api/sessions/", fields)
  }

  updateSession(id, changes) {
    return this.#call("PATCH", `/api/sessions/${id}/`, changes)
  }

  deleteSession(id) {
    return this.#call("DELETE", `/api/sessions/${id}/`)
  }

  // `query` as /api/usage/ has it.
  usage(query) {
    return this.#call("GET", `/api/usage/?${new URLSearchParams(query)}`)
  }

  // `page` is a search, or the address of a further page.
  memories(page = "") {
    return this.#call("GET", page.includes("/api/memory/") ? page : `/api/memory/?q=${encodeURIComponent(page)}`)
  }

  memory(id) {
    return this.#call("GET", `/api/memory/${id}/`)
  }

  addMemory(text) {
    return this.#call("POST", "/api/memory/", { text })
  }

  updateMemory(id, text) {
    return this.#call("PATCH", `/api/memory/${id}/`, { text })
  }

  deleteMemory(id) {
    return this.#call("DELETE", `/api/memory/${id}/`)
  }

  forgetMemories() {
    return this.#call("DELETE", "/api/memory/")
  }

  summaries(sessionId) {
    return this.#call("GET", `/api/sessions/${sessionId}/summaries/`)
  }

  updateSummary(sessionId, id, text) {
    return this.#call("PATCH", `/api/sessions/${sessionId}/summaries/${id}/`, { text })
  }

  deleteSummary(sessionId, id) {
    return this.#call("DELETE", `/api/sessions/${sessionId}/summaries/${id}/`)
  }

  updateTool(name, changes) {
    return this.#call("PATCH", `/api/tools/${encodeURIComponent(name)}/`, changes)
  }

  updateMe(changes) {
    return this.#call("PATCH", "/api/me/", changes)
  }

  updateLifetimes(changes) {
    return this.#call("PATCH", "/api/settings/lifetimes/", changes)
  }

  updateSettings(changes) {
    return this.#call("PATCH", "/api/settings/", changes)
  }

  keys(page = "/api/keys/") {
    return this.#call("GET", page)
  }

  addKey(fields) {
    return this.#call("POST", "/api/keys/", fields)
  }

  revokeKey(id) {
    return this.#call("DELETE", `/api/keys/${id}/`)
  }

  prompts(method = "GET", id = "", fields) {
    return this.#call(method, `/api/prompts/${id && `${id}/`}`, fields)
  }

  search(words, page = null) {
    return this.#call("GET", page ?? `/api/search/?q=${encodeURIComponent(words)}`)
  }

  members(id) {
    return this.#call("GET", `/api/sessions/${id}/members/`)
  }

  addMember(id, username, role) {
    return this.#call("POST", `/api/sessions/${id}/members/`, { username, role })
  }

  changeMember(id, user, role) {
    return this.#call("PATCH", `/api/sessions/${id}/members/${user}/`, { role })
  }

  removeMember(id, user) {
    return this.#call("DELETE", `/api/sessions/${id}/members/${user}/`)
  }

  addComment(id, comment) {
    return this.#call("POST", `/api/sessions/${id}/comments/`, comment)
  }

  removeComment(id, comment) {
    return this.#call("DELETE", `/api/sessions/${id}/comments/${comment}/`)
  }

  links(id) {
    return this.#call("GET", `/api/sessions/${id}/links/`)
  }

  addLink(id, days, live) {
    return this.#call("POST", `/api/sessions/${id}/links/`, { days, live })
  }

  revokeLink(id, link) {
    return this.#call("DELETE", `/api/sessions/${id}/links/${link}/`)
  }

  importFile(file) {
    return this.#call("POST", "/api/import/", file)
  }

  async #call(method, path, body) {
    const response = await fetch(path, {
      method,
      headers: { Accept: "application/json", ...(method !== "GET" && writing()) },
      keepalive: method === "DELETE", // also as the page goes
      body: body instanceof Blob ? body : body && JSON.stringify(body),
    }).catch(() => {
      throw new ApiError(0)
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
