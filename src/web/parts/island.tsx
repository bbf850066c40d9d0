import { type ComponentType, h } from 'preact'
import { asset } from '../assets.ts'

/**
 * A part of a page that lives on in the browser: rendered here, then taken over by the same component there, when it is seen or at
 * once. Its file lies in `islands/` and exports the component as its default; the page also names `islands.js` among its scripts.
 * Props travel as JSON, so they hold plain values only.
 */
export function Island<Props extends object>({
  file,
  component,
  props,
  when = 'visible',
}: {
  /** The built name: `stock-sheet.js`. */
  file: string
  component: ComponentType<Props>
  props: Props
  when?: 'visible' | 'now'
}) {
  return h('x-island', { src: asset(file), when, props: JSON.stringify(props) }, h(component, props))
}
