import { defineWords } from './words.ts'

/** What somebody keeps for later, without an account. */
export const savedWords = defineWords({
  en: {
    title: 'Saved',
    save: 'Save for later',
    added: 'Saved. It waits here, on this device, for 90 days.',
    taken: 'Taken off the list.',
    take: 'Take off the list',
    empty: 'Nothing saved yet',
    emptyText: 'Press “Save for later” on what you like. No account is needed.',
    full: 'The list holds eleven pieces; the oldest made room.',
  },
  sw: {
    title: 'Ulizohifadhi',
    save: 'Hifadhi kwa baadaye',
    added: 'Imehifadhiwa. Inakusubiri hapa, kwenye kifaa hiki, siku 90.',
    taken: 'Imeondolewa kwenye orodha.',
    take: 'Ondoa kwenye orodha',
    empty: 'Bado hujahifadhi kitu',
    emptyText: 'Bonyeza “Hifadhi kwa baadaye” kwenye unachopenda. Huhitaji akaunti.',
    full: 'Orodha inabeba vitu kumi na kimoja; cha zamani kimetoa nafasi.',
  },
})
