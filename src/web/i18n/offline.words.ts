import { defineWords } from './words.ts'

/** The page that stands in for one that cannot be had without a network. */
export const offlineWords = defineWords({
  en: {
    title: 'You are offline',
    text: 'This page is not on your phone yet. Pages you have opened before still work, and your bag waits for you.',
    paying: 'Are you paying? The request on your phone works without this page. We write to you when the payment is there.',
    again: 'Try again',
  },
  sw: {
    title: 'Huna mtandao',
    text: 'Ukurasa huu bado haupo kwenye simu yako. Kurasa ulizofungua awali bado zinafanya kazi, na kikapu chako kinakusubiri.',
    paying: 'Unalipa? Ombi kwenye simu yako linafanya kazi bila ukurasa huu. Tutakuandikia malipo yakifika.',
    again: 'Jaribu tena',
  },
})
