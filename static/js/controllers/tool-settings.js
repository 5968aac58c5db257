// What one wishes of each tool, everywhere.

import { Controller, setText } from "#controllers/controller.js"
import { said, t } from "#helpers/t.js"

export class ToolSettingsController extends Controller {
  connect() {
    this.listen(this.element, "change", ({ target }) => this.choose(target))
  }

  async choose(field) {
    const held = [...field.options].find(({ defaultSelected }) => defaultSelected) ?? field.options[0]
    setText(this.part("tool-settings-news"), "")
    try {
      await this.app.api.updateTool(field.dataset.tool, { policy: field.value })
      for (const option of field.options) option.defaultSelected = option.selected
    } catch (error) {
      field.value = held.value
      setText(this.part("tool-settings-news"), said(error) || t("That did not work. Try again."))
    }
  }
}
