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
  complete = false // of a long session the newest messages come first
  #tree = new Tree()
  #leaf // where the shown path leads: the session's own, or what the reader chose since

  constructor(id) {
    super()
    this.id = id
  }

  // --- reading

  get ready() {
    return this.position !== null
  }

  get path() {
    return this.#tree.path(this.#leaf)
  }

  // Answers to the last message of the path of which none was kept yet.
  get beside() {
    return this.#tree.beside(this.#leaf)
  }

  // What the next message is said to.
  get end() {
    return this.beside[0] ?? this.message(this.#tree.end(this.#leaf))
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

  applySnapshot({ session, messages, runs, members, comments, position }, complete = true) {
    this.complete = complete
    this.#tree = new Tree(messages)
    this.runs = new Runs(runs)
    this.lanes = new Lanes(runs)
    this.company = new Company(members, comments)
    this.position = new Position(position)
    this.onSessionUpdated({ session })
  }

  addOlder(messages, complete) {
    this.complete = complete
    this.#tree.fill(messages)
    this.#changed("structure")
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
      this.#leaf = message.id
      this.info = { ...this.info, leaf_id: message.id }
    }
    this.onMessage({ message })
  }

  show(leafId) {
    this.#leaf = this.#tree.end(leafId)
    this.#changed("structure")
    return this.#leaf
  }

  onMessage({ message }) {
    const known = this.#tree.get(message.id)
    this.#tree.put(message)
    this.#changed(known ? "message" : "structure", message.id)
  }

  onRunUpdated({ run }) {
    this.runs.put(run)
    this.#changed("message", this.runs.rootOf(run).message_id)
  }

  onSessionUpdated({ session }) {
    if (session.leaf_id !== this.info?.leaf_id) this.#leaf = session.leaf_id
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
  "message-added": Session.prototype.onMessage,
  "message-updated": Session.prototype.onMessage,
  "run-added": Session.prototype.onRunUpdated,
  "run-updated": Session.prototype.onRunUpdated,
  "session-updated": Session.prototype.onSessionUpdated,
}
for (const type of ["comment-added", "comment-removed", "member-added", "member-removed"]) handlers[type] = Session.prototype.onCompanyEvent
