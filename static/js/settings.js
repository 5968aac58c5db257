// The settings page: each section is a controller of its own.

import { AvatarController } from "#controllers/avatar.js"
import { KeysController } from "#controllers/keys.js"
import { LifetimesController } from "#controllers/lifetimes.js"
import { MemoryListController } from "#controllers/memory-list.js"
import { MemorySettingController } from "#controllers/memory-setting.js"
import { ProfileController } from "#controllers/profile.js"
import { PromptListController } from "#controllers/prompt-list.js"
import { ThemeController } from "#controllers/theme.js"
import { ToolSettingsController } from "#controllers/tool-settings.js"
import { Api } from "#lib/api.js"

const CONTROLLERS = {
  avatar: AvatarController,
  keys: KeysController,
  lifetimes: LifetimesController,
  "memory-list": MemoryListController,
  "memory-setting": MemorySettingController,
  profile: ProfileController,
  "prompt-list": PromptListController,
  theme: ThemeController,
  "tool-settings": ToolSettingsController,
}

const app = { api: new Api() }

for (const element of document.querySelectorAll("[data-controller]")) {
  new CONTROLLERS[element.dataset.controller](element, app).connect()
}
