/** Wakes the islands of a page: each loads its own module when it is needed, and Preact once for all of them. */
class Island extends HTMLElement {
  connectedCallback(): void {
    if (this.getAttribute('when') === 'now') return void this.#wake()
    const eye = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return
      eye.disconnect()
      void this.#wake()
    })
    eye.observe(this)
  }

  async #wake(): Promise<void> {
    const [{ default: component }, { h, hydrate }] = await Promise.all([import(this.getAttribute('src') ?? ''), import('preact')])
    hydrate(h(component, JSON.parse(this.getAttribute('props') ?? '{}')), this)
    this.toggleAttribute('awake', true)
  }
}
customElements.define('x-island', Island)
