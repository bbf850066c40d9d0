import { editDistance } from '../../../lib/edit-distance.ts'

// Nobody describes a dress with more; what is longer is an attack or a paste.
const mostWords = 8
const longestWord = 40

/** The words of a search text, in small letters: letters and digits of any script, nothing that means something to a query. */
export function searchWordsOf(text: string): string[] {
  const words =
    text
      .slice(0, 400)
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/['’`]/g, '')
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return [...new Set(words.map((word) => Array.from(word).slice(0, longestWord).join('')))].slice(0, mostWords)
}

/** One word of a search with what the shop knows of it. */
export interface KnownWord {
  readonly word: string
  /** Other words that mean the same. */
  readonly means: readonly string[]
  /** It is a word of a product, or the beginning of one. */
  readonly isKnown: boolean
  /** It is a whole word as it stands. */
  readonly isWhole: boolean
  /** Known words that look like it with what they mean, best first. */
  readonly near: readonly { readonly word: string; readonly means: readonly string[] }[]
}

/** Spellings one slip away that are looked up as they are: two neighbours swapped, a letter struck twice. */
export function slipsOf(word: string): string[] {
  const letters = Array.from(word)
  return letters.flatMap((letter, at) => {
    const next = letters[at + 1]
    if (next === undefined) return []
    const swapped = [...letters.slice(0, at), next, letter, ...letters.slice(at + 2)].join('')
    return letter === next ? [[...letters.slice(0, at), ...letters.slice(at + 1)].join('')] : [swapped]
  })
}

/** The word that was probably meant; undefined when nothing is near enough. Short words leave room for one mistake, long ones for two. */
export function correctionOf({ word, near }: KnownWord): KnownWord['near'][number] | undefined {
  const most = Array.from(word).length <= 4 ? 1 : 2
  const [best] = near
    .map((candidate, rank) => ({ candidate, rank, distance: editDistance(word, candidate.word) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || a.rank - b.rank)
  return best?.candidate
}

/** A search as Postgres takes it; each text is for `to_tsquery` with the configuration of its name. */
export interface TextQuery {
  readonly simple: string
  readonly english: string
  /** The same, looking at names only. */
  readonly simpleName: string
  readonly englishName: string
}

/**
 * All words must be there, each as itself, as what it means or as what was probably meant. The last word may be unfinished.
 * Undefined when a word is like nothing the shop has, so that no text query can find anything.
 */
export function textQueryOf(words: readonly KnownWord[]): TextQuery | undefined {
  const alternatives: string[][] = []
  const isUnfinished = words.at(-1)?.isWhole === false
  for (const known of words) {
    const correction = known.isKnown ? undefined : correctionOf(known)
    if (!known.isKnown && correction === undefined && known.means.length === 0) return undefined
    alternatives.push([known.word, ...known.means, ...(correction === undefined ? [] : [correction.word, ...correction.means])])
  }
  if (alternatives.length === 0) return undefined
  const query = (weight: string, beginnings: boolean): string =>
    alternatives
      .map((choices, at) => {
        const isLast = at === alternatives.length - 1
        const terms = choices.map((choice, rank) => {
          const marks = `${beginnings && isUnfinished && isLast && rank === 0 && Array.from(choice).length > 1 ? '*' : ''}${weight}`
          const parts = searchWordsOf(choice).map((part) => `'${part}'${marks === '' ? '' : `:${marks}`}`)
          return parts.length > 1 ? `(${parts.join(' <-> ')})` : (parts[0] ?? `'${choice}'`)
        })
        return `(${terms.join(' | ')})`
      })
      .join(' & ')
  return { simple: query('', true), english: query('', false), simpleName: query('A', true), englishName: query('A', false) }
}
