import type { Intent } from './read-intent.ts'

/**
 * A model that sorts questions the rules do not know. It gets the text with numbers and addresses taken out and answers with an intent or
 * nothing: what is said stays ours, so nothing it invents can reach anybody. None is wired up by default.
 */
export interface IntentModel {
  /** The intent of a masked text; undefined when it does not know. */
  nameIntent(maskedText: string): Promise<Intent | undefined>
}

/** A text without what could tell who wrote it: mail addresses, order numbers, and runs of four digits or more. */
export const maskText = (text: string): string =>
  text
    .replace(/\S+@\S+/g, '[mail]')
    .replace(/\bRAH-?[0-9A-Z]{6,12}\b/gi, '[order]')
    .replace(/\+?\d[\d\s-]{2,}\d/g, '[number]')
