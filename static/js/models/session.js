// One conversation as the server tells it: snapshot, then events in the order of each stream. It never invents
// state; what the page shows of a run is what arrived. Dispatches `structure` (the shown path or the session
// itself changed) and `message` (one message did, `detail` is its id).

import { Company } from "#models/company.js"
import { fold } from "#models/fold.js"
import { Lanes } from "#models/lanes.js"
import { Position } from "#models/position.js"
import { isGoing, Runs } from "#models/runs.js"
import { Tree } from "#models/tree.js"

export class Session extends EventTarget {
  info = null
  company = new Company()
  people = [] // who looks at it now, the reader included; none where it is not shared
  runs = new Runs()
  lanes = new Lanes() // what agents write for the messages
  position = null // none until a snapshot came
  #tree = new Tree()
  #shown // the leaf that the reader chose; otherwise the session's own

  constructor(id) {
    super()
    this.id = id
  }

  // --- reading

  get ready() {
    return this.position !== null
  }

  get path() {
    return this.#tree.path(this.#shown ?? this.info?.leaf_id)
  }

  // Answers to the last message of the path of which none was kept yet.
  get beside() {
    return this.#tree.beside(this.#shown ?? this.info?.leaf_id)
  }

  // What the next message is said to.
  get end() {
    return this.beside[0] ?? this.path.at(-1)
  }

  get activeRuns() {
    return this.runs.active
  }

  message(id) {
    return this.#tree.get(id)
  }

  siblings(message) {
    return this.#tree.siblings(message)
  }

  runOf(message) {
    return this.runs.get(message.run_id)
  }

  // Whether a person may say something here; true before it is known.
  mayWrite(person) {
    return !this.info || this.info.owner.id === person || this.company.roleOf(person) === "driver"
  }

  // Whether there is somebody to say something to, and this person may.
  mayComment(person) {
    return this.company.exists && (this.mayWrite(person) || this.company.roleOf(person) === "commenter")
  }

  // --- changing

  applySnapshot({ session, messages, runs, members, comments, position }) {
    this.#tree = new Tree()
    messages.forEach((message) => this.#tree.put(message))
    this.runs = new Runs(runs)
    this.lanes = new Lanes(runs)
    this.company = new Company(members, comments)
    this.position = new Position(position)
    this.onSessionUpdated({ session })
  }

  // "next" when it was applied; "seen" and "hole" leave everything as it was.
  apply(frame) {
    if (!this.ready) return "seen"
    const verdict = this.position.judge(frame)
    if (verdict !== "next") return verdict
    this.position.advance(frame)
    const handler = handlers[frame.type]
    if (handler) handler.call(this, frame)
    else if (frame.run_id) this.#onRunEvent(frame)
    return verdict
  }

  // A message that a reply brought before its event did.
  adopt(message) {
    if (!message || this.#tree.get(message.id)) return
    if (!(message.place != null && this.info?.leaf_id === message.parent_id)) {
      this.#shown = undefined
      this.info = { ...this.info, leaf_id: message.id }
    }
    this.onMessageAdded({ message })
  }

  show(leafId) {
    this.#shown = this.#tree.end(leafId)
    this.#changed("structure")
    return this.#shown
  }

  onMessageAdded({ message }) {
    this.#tree.put(message)
    this.#changed("structure")
  }

  onMessageUpdated({ message }) {
    const known = this.#tree.get(message.id)
    this.#tree.put(message)
    this.#changed(known ? "message" : "structure", message.id)
  }

  onRunUpdated({ run }) {
    this.runs.put(run)
    this.#changed("message", this.runs.rootOf(run).message_id)
  }

  onSessionUpdated({ session }) {
    if (session.leaf_id !== this.info?.leaf_id) this.#shown = undefined
    this.info = session
    this.#changed("structure")
  }

  onCompanyEvent(frame) {
    const about = this.company.apply(frame)
    this.#changed(about ? "message" : "structure", about)
  }

  // --- internal

  #onRunEvent(frame) {
    const run = this.runs.get(frame.run_id)
    this.runs.note(frame)
    if (frame.type === "run-start" && run) this.runs.put({ ...run, status: "running", attempt: frame.attempt ?? 1 })
    const message = this.#tree.get(frame.message_id)
    if (!message) this.#onLaneEvent(frame)
    if (!message || !isGoing(message)) return
    this.#tree.put({ ...message, parts: fold(message.parts, frame) })
    this.#changed("message", message.id)
  }

  #onLaneEvent(frame) {
    this.lanes.apply(frame)
    const run = this.runs.get(frame.run_id)
    if (run) this.#changed("message", this.runs.rootOf(run).message_id)
  }

  #changed(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}

const handlers = {
  "message-added": Session.prototype.onMessageAdded,
  "message-updated": Session.prototype.onMessageUpdated,
  "run-added": Session.prototype.onRunUpdated,
  "run-updated": Session.prototype.onRunUpdated,
  "session-updated": Session.prototype.onSessionUpdated,
  "comment-added": Session.prototype.onCompanyEvent,
  "comment-removed": Session.prototype.onCompanyEvent,
  "member-added": Session.prototype.onCompanyEvent,
  "member-removed": Session.prototype.onCompanyEvent,
}
