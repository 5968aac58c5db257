// Sends files one by one. XMLHttpRequest, because fetch does not say how much of a body has gone.

import { ApiError } from "#helpers/api-error.js"
import { cookie } from "#lib/api.js"

const ADDRESS = "/api/files/"

export class Uploads {
  // Resolves with the file as the server tells it, or throws an `ApiError`. `onProgress` gets 0 to 1.
  send(file, { onProgress, signal }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0))
      request.addEventListener("load", () => (request.status === 201 ? resolve(answer(request)) : reject(refusal(request))))
      request.addEventListener("error", () => reject(new ApiError(0)))
      request.addEventListener("abort", () => reject(new ApiError(0)))
      signal.addEventListener("abort", () => request.abort())
      request.open("POST", `${ADDRESS}?filename=${encodeURIComponent(file.name)}`)
      request.setRequestHeader("Accept", "application/json")
      request.setRequestHeader("Content-Type", "application/octet-stream")
      request.setRequestHeader("X-CSRFToken", cookie("csrftoken"))
      request.send(file)
    })
  }

  forget(id) {
    return fetch(`${ADDRESS}${id}/`, { method: "DELETE", headers: { "X-CSRFToken": cookie("csrftoken") } })
  }
}

function answer({ responseText }) {
  try {
    return JSON.parse(responseText)
  } catch {
    return null
  }
}

function refusal(request) {
  return new ApiError(request.status, answer(request)?.error)
}
