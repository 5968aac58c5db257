// What others call one.

import { drawAvatar } from "#controllers/avatar.js"
import { setText } from "#controllers/controller.js"
import { Section } from "#controllers/section.js"
import { t } from "#helpers/t.js"

export class ProfileController extends Section {
  connect() {
    this.field = this.part("profile-name")
    this.listen(this.part("profile-form"), "submit", this.save)
  }

  async save(event) {
    event.preventDefault()
    const me = await this.told(this.app.api.updateMe({ name: this.field.value.trim() }), t("Saved."))
    if (!me) return
    this.field.value = me.name === me.username ? "" : me.name
    setText(this.part("profile-shown"), me.name)
    drawAvatar(this.part("profile-avatar"), me)
  }
}
