import { inLanguage } from './i18n/words.ts'
import { renderPage } from './layout.tsx'

/**
 * What pages have in common, as the text browsers keep to be sent only the differences: the style sheet and the frame in both
 * languages. Made from the sources alone, so every process of a release has the same, and nothing of anybody is in it.
 */
export function dictionaryText(): string {
  const page = { title: '', path: '/', body: undefined, description: '' }
  return (['en', 'sw'] as const)
    .map((lang) => inLanguage(lang, () => renderPage({ publicUrl: 'https://', supportPhone: '254' }, page)))
    .join('')
}
