// Files in messages. What lies on this server is shown; what lies elsewhere is a link, and never loaded by itself.

import { fromTemplate, setText } from "#controllers/controller.js"
import { hostOf, safeLink } from "#helpers/links.js"
import { kindOf } from "#helpers/sizes.js"
import { t } from "#helpers/t.js"

export class MediaView {
  element = document.createElement("div")
  #shown = null

  constructor() {
    this.element.className = "media"
  }

  update(part) {
    const picture = part.file_id || part.url
    if (picture === this.#shown) return
    this.#shown = picture
    this.element.replaceChildren(viewOf(part))
  }
}

function viewOf(part) {
  if (part.file_id) return (makers[part.type] ?? chip)(part)
  return part.url ? link(part) : missing(t("{name} could not be kept", { name: part.name || t("File") }))
}

const makers = { image, audio: player, video: player }

function image(part) {
  const frame = fromTemplate("image-template")
  const picture = frame.querySelector("img")
  const name = part.name || t("Image")
  frame.href = addressOf(part)
  frame.setAttribute("aria-label", t("Open {name}", { name }))
  picture.alt = name
  picture.addEventListener("error", () => frame.replaceWith(missing(t("{name} is not there any more", { name }))))
  picture.src = addressOf(part)
  return frame
}

function player(part) {
  const frame = fromTemplate(`${part.type}-template`)
  const sound = frame.querySelector("audio, video")
  sound.setAttribute("aria-label", part.name)
  sound.src = addressOf(part)
  frame.querySelector("figcaption").append(chip(part))
  return frame
}

function chip(part) {
  const made = fromTemplate("file-template")
  const name = part.name || t("File")
  made.href = `${addressOf(part)}?download`
  const kind = kindOf(name)
  made.setAttribute("aria-label", t("Download {name}", { name: `${name} ${kind}`.trim() })) // what is read there, whole
  setText(made.querySelector("[data-file-name]"), name)
  setText(made.querySelector("[data-file-kind]"), kind)
  return made
}

function link(part) {
  const address = safeLink(part.url ?? "")
  const made = fromTemplate("file-template")
  setText(made.querySelector("[data-file-name]"), part.name || (address ? hostOf(address) : part.url || t("File")))
  made.removeAttribute("download")
  if (address) Object.assign(made, { href: address, target: "_blank", rel: "noopener noreferrer nofollow", title: address })
  return made
}

function missing(words) {
  const made = document.createElement("span")
  made.className = "file-chip gone"
  made.textContent = words
  return made
}

function addressOf({ file_id }) {
  return `/api/files/${encodeURIComponent(file_id)}/content/`
}
