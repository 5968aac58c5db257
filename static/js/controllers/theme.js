// Light, dark, or as the system. The choice is a cookie, so that the next page comes in the right colours.

import { Controller } from "#controllers/controller.js"

const YEAR = 31_536_000 // seconds

export class ThemeController extends Controller {
  connect() {
    this.listen(this.element, "click", ({ target }) => this.choose(target.closest("[data-theme-choice]")?.dataset.themeChoice))
    this.#refresh()
  }

  choose(theme) {
    if (!theme) return
    document.documentElement.dataset.theme = theme
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`
    this.#refresh()
  }

  #refresh() {
    const { theme } = document.documentElement.dataset
    for (const button of this.element.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", button.dataset.themeChoice === theme)
    }
  }
}
