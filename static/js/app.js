// The page: makes the objects that everything shares and starts the controllers named in the document.

import { AnnouncerController } from "#controllers/announcer.js"
import { AttachmentsController } from "#controllers/attachments.js"
import { AvatarController } from "#controllers/avatar.js"
import { ComposerController } from "#controllers/composer.js"
import { ConnectionController } from "#controllers/connection.js"
import { DrawerController } from "#controllers/drawer.js"
import { FilingController } from "#controllers/filing.js"
import { FirstStepsController } from "#controllers/first-steps.js"
import { MemoryPickerController } from "#controllers/memory-picker.js"
import { ImportingController } from "#controllers/importing.js"
import { MenuController } from "#controllers/menu.js"
import { ModelPickerController } from "#controllers/model-picker.js"
import { NoticeController } from "#controllers/notice.js"
import { PeopleController } from "#controllers/people.js"
import { QueueController } from "#controllers/queue.js"
import { ScrollController } from "#controllers/scroll.js"
import { SearchController } from "#controllers/search.js"
import { SessionsController } from "#controllers/sessions.js"
import { SharingController } from "#controllers/sharing.js"
import { ShortcutsController } from "#controllers/shortcuts.js"
import { SignOutController } from "#controllers/sign-out.js"
import { SidesPickerController } from "#controllers/sides-picker.js"
import { SlashController } from "#controllers/slash.js"
import { StartersController } from "#controllers/starters.js"
import { ThemeController } from "#controllers/theme.js"
import { ToolPickerController } from "#controllers/tool-picker.js"
import { TranscriptController } from "#controllers/transcript.js"
import { UndoController } from "#controllers/undo.js"
import { VoiceController } from "#controllers/voice.js"
import { install } from "#helpers/install.js"
import { Api } from "#lib/api.js"
import { Conversation } from "#lib/conversation.js"
import { Router } from "#lib/router.js"
import { Socket } from "#lib/socket.js"
import { Uploads } from "#lib/uploads.js"
import { Activity } from "#models/activity.js"
import { Attachments } from "#models/attachments.js"
import { Deletions } from "#models/deletions.js"
import { Drafts } from "#models/drafts.js"
import { MemoryChoice } from "#models/memory-choice.js"
import { ModelChoice } from "#models/model-choice.js"
import { Outbox } from "#models/outbox.js"
import { OwnStorage } from "#models/own-storage.js"
import { SessionList } from "#models/session-list.js"
import { Prompts } from "#models/prompts.js"
import { Queue } from "#models/queue.js"
import { Sides } from "#models/sides.js"
import { ToolChoice } from "#models/tool-choice.js"
import { Unsent } from "#models/unsent.js"

const CONTROLLERS = {
  announcer: AnnouncerController,
  attachments: AttachmentsController,
  avatar: AvatarController,
  composer: ComposerController,
  connection: ConnectionController,
  drawer: DrawerController,
  filing: FilingController,
  "first-steps": FirstStepsController,
  "memory-picker": MemoryPickerController,
  importing: ImportingController,
  menu: MenuController,
  "model-picker": ModelPickerController,
  notice: NoticeController,
  people: PeopleController,
  queue: QueueController,
  scroll: ScrollController,
  search: SearchController,
  sessions: SessionsController,
  sharing: SharingController,
  shortcuts: ShortcutsController,
  "sides-picker": SidesPickerController,
  "sign-out": SignOutController,
  slash: SlashController,
  starters: StartersController,
  theme: ThemeController,
  "tool-picker": ToolPickerController,
  transcript: TranscriptController,
  undo: UndoController,
  voice: VoiceController,
}

const api = new Api()
const socket = new Socket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/chat/`)
const me = JSON.parse(document.getElementById("me").textContent)
const sessions = new SessionList(api, new BroadcastChannel(`parley:sessions:${me}`))
const kept = { tab: new OwnStorage(sessionStorage, me), browser: new OwnStorage(localStorage, me) }
const app = {
  me,
  kept,
  api,
  socket,
  page: new EventTarget(),
  router: new Router(),
  conversation: new Conversation(socket),
  attachments: new Attachments(new Uploads(), JSON.parse(document.getElementById("file-limit").textContent)),
  outbox: new Outbox(socket, new Unsent(kept.browser)),
  queue: new Queue(kept.browser),
  drafts: new Drafts(kept.tab, kept.browser),
  sessions,
  activity: new Activity(api, new BroadcastChannel("parley")),
  deletions: new Deletions(sessions),
  choice: new ModelChoice(api, localStorage),
  sides: new Sides(sessionStorage),
  tools: new ToolChoice(api),
  memory: new MemoryChoice(api),
  prompts: new Prompts(api),
}

socket.connect() // before what the controllers ask for: a conversation is waited for, lists are not

for (const element of document.querySelectorAll("[data-controller]")) {
  new CONTROLLERS[element.dataset.controller](element, app).connect()
}

app.router.addEventListener("change", ({ detail }) => app.conversation.open(detail))
app.conversation.addEventListener("opened", () => follow(app.conversation.session?.info ?? null))
app.conversation.addEventListener("changed", () => {
  follow(app.conversation.session.info)
  app.outbox.settle(app.conversation.session)
})
app.outbox.addEventListener("accepted", ({ detail: { command, reply, isOthers } }) => {
  app.conversation.session?.adopt(reply.session_id === app.conversation.session.id ? reply.message : null)
  if (!command.session_id && command.type === "message.send") begun(command, reply, isOthers)
})
app.outbox.addEventListener("busy", ({ detail: { command } }) => app.queue.add(command))
window.addEventListener("storage", (event) => app.outbox.reread(event))

function begun({ client_id, tools }, { session_id, message }, isOthers) {
  app.queue.move(client_id, session_id, message.id)
  if (tools) app.tools.keep(session_id, tools)
  if (!isOthers && !app.router.sessionId) app.router.go(session_id)
}

function follow(info) {
  app.choice.follow(info)
  app.tools.follow(info)
  app.memory.follow(info)
}

app.router.connect()
app.conversation.open(app.router.sessionId)
app.outbox.resume()
install()
