import { localPath } from '../i18n/words.ts'

/** The shop's name beside one diamond of its border. */
export const Wordmark = () => (
  <a class="wordmark" href={localPath('/')}>
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path fill="#0b5d4e" d="M0 0h32v32H0z" />
      <path fill="#f2b544" d="M16 3l13 13-13 13L3 16z" />
      <path fill="#a8371a" d="M16 9l7 7-7 7-7-7z" />
      <path fill="#fbf8f3" d="M16 13l3 3-3 3-3-3z" />
    </svg>
    Rahim
  </a>
)
