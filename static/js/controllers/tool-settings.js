// What one wishes of each tool, everywhere.

import { Section } from "#controllers/section.js"

export class ToolSettingsController extends Section {
  connect() {
    this.listen(this.element, "change", ({ target }) => this.choose(target))
  }

  async choose(field) {
    const options = [...field.options]
    const held = options.find(({ defaultSelected }) => defaultSelected) ?? options[0]
    if (!(await this.told(this.app.api.updateTool(field.dataset.tool, { policy: field.value })))) field.value = held.value
    else for (const option of options) option.defaultSelected = option.selected
  }
}
