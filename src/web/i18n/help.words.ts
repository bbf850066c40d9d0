import { defineWords } from './words.ts'

/** A part of a help page: text with **strong** words, paragraphs first, then points. */
export type HelpPart = { title?: string; text?: readonly string[]; points?: readonly string[] }

/** What help pages need to be true of this shop and not of shops in general. */
export type HelpFacts = { holdMinutes: string; supportEmail: string }

type Parts = (facts: HelpFacts) => string

// Words are strings, so the parts of a page travel as JSON; `partsOf` reads them.
const page =
  (parts: (facts: HelpFacts) => readonly HelpPart[]): Parts =>
  (facts) =>
    JSON.stringify(parts(facts))

/** The parts of a page, as its words give them. */
export const partsOf = (written: string): readonly HelpPart[] => JSON.parse(written) as HelpPart[]

/** Help and the legal pages. */
export const helpWords = defineWords({
  en: {
    helpTitle: 'Help',
    helpAbout: 'Paying with M-Pesa, delivery, returns and how to reach Rahim Online.',
    helpBody: page(({ holdMinutes }) => [
      {
        title: 'Paying with M-Pesa',
        text: [
          'When you order, your phone asks for your M-Pesa PIN. You enter it there, and only there: we never ask for a PIN on a page, by message or on the phone.',
        ],
        points: [
          '**No request on the phone?** It can take half a minute. If nothing comes, the payment page lets you try again or use another number.',
          '**M-Pesa wrote that you paid, we did not?** Do not pay again. Sometimes M-Pesa tells us late; we send a text message as soon as it does.',
          '**Paid twice?** We return the second payment to the phone it came from.',
          `We keep the clothes of an unpaid order for ${holdMinutes} minutes, and longer while M-Pesa is still working on it.`,
        ],
      },
      {
        title: 'Ordering by WhatsApp',
        text: ['Every product has a WhatsApp link with its name in it. Write your size and your town, and we send you a link to pay.'],
      },
      {
        title: 'Your account',
        text: ['You need none. With one, your orders stay together and you can return clothes with two presses.'],
      },
    ]),
    deliveryTitle: 'Delivery',
    deliveryAbout: 'What delivery costs and when it comes, for each of the 47 counties of Kenya.',
    deliveryLead: 'What it costs and when it comes if you order now. The same fee and date stand on the checkout before you pay.',
    deliveryBody: page(() => [
      {
        title: 'At the door',
        points: [
          'You describe the place: a landmark, the gate, the floor. No postcode is needed.',
          'The rider calls the phone number of the order before coming.',
          'Your order page shows a delivery code. Tell it to the rider when you hold the parcel.',
          'While the rider is on the way, you can follow them from the link in your message.',
        ],
      },
    ]),
    returnsTitle: 'Returns',
    returnsAbout: 'Return clothes within 7 days of delivery.',
    returnsBody: page(() => [
      {
        text: ['You have 7 days from delivery. Clothes must be unworn and with their labels; headwraps and kanga uncut.'],
        points: [
          'Open your order and choose what goes back, and why.',
          'A rider picks it up, or you bring it to a pick-up point.',
          'When it has arrived, we send the price of the piece back the way you paid.',
          'A wrong or damaged piece costs you nothing. If you have changed your mind, delivery is not returned.',
        ],
      },
    ]),
    sizesTitle: 'Size guide',
    sizesAbout: 'How to measure yourself and your clothes, and what the sizes mean.',
    sizesBody: page(() => [
      {
        title: 'Measure a garment of yours',
        text: ['The surest way: take one that fits, lay it flat, and compare it with the table on the product page.'],
        points: [
          '**Chest or bust:** across, from armpit to armpit, times two.',
          '**Waist:** across the narrowest place, times two.',
          '**Hip:** across the widest place below the waist, times two.',
          '**Length:** from the highest point of the shoulder to the hem; skirts from the waistband.',
          '**Inside leg:** from the crotch to the hem.',
        ],
      },
      {
        title: 'Measure yourself',
        points: [
          'Keep the tape level and close, without pulling.',
          'For a loose garment add 8 to 12 cm to your own measure, for a close one 2 to 4 cm.',
          'Between two sizes? Reviews say whether a piece is cut small or large.',
        ],
      },
    ]),
    tableTitle: 'Women and men, in centimetres around the body',
    tableHeads: 'Size|Bust|Waist|Hip|Chest, men|Waist, men',
    privacyTitle: 'Privacy',
    privacyAbout: 'What Rahim Online keeps about you, why, and for how long.',
    privacyBody: page(({ supportEmail }) => [
      {
        title: 'What we keep',
        points: [
          'For an order: your name, phone, the place you describe, what you bought, and the receipt of your payment. We need these to bring it and to keep our books, as the law asks.',
          'If you give it: your e-mail.',
          'For an account: your password only as a hash that cannot be turned back.',
          'We never see your M-Pesa PIN or your card number.',
        ],
      },
      {
        title: 'Who sees it',
        text: [
          'The rider sees your name, phone and place while they bring your parcel. The maker of the clothes sees what to pack. The payment provider you choose sees what you pay with and the amount. Nobody else; we sell nothing on.',
        ],
      },
      {
        title: 'Cookies',
        points: [
          '**bag:** what is in your bag, 30 days.',
          '**sid:** that you are signed in, until you sign out.',
          '**order:** the order you are paying for, 30 minutes.',
          '**county** and **lang:** your county and language, chosen by you.',
          '**saved:** what you saved for later, if you do.',
          'All are ours. No advertising, no counting by others.',
        ],
      },
      {
        title: 'The rider’s position',
        text: ['You see where your rider is only while they bring your parcel. After delivery the position is gone from your page.'],
      },
      {
        title: 'Your rights',
        text: [
          `Under the Data Protection Act, 2019 you may see, correct, take away or have deleted what we keep about you, as far as the law on books allows. Signed in, you do it yourself in your account; or write to ${supportEmail}.`,
        ],
      },
    ]),
    termsTitle: 'Terms',
    termsAbout: 'The terms on which Rahim Online sells.',
    termsBody: page(() => [
      {
        points: [
          'Clothes are sold by the maker named on the page, through Rahim Online.',
          'Prices are in Kenya shillings and include VAT. The total at checkout, with delivery, is all you pay.',
          'An order is placed when you press the pay button, and agreed when your payment has arrived. Unpaid orders end by themselves and cost nothing.',
          'If money arrives for clothes that are gone by then, we return all of it.',
          'Dates are promises we work for. If we miss one, you may cancel and get your money back.',
          'You may return clothes within 7 days of delivery, as the page on returns says.',
          'The law of Kenya applies, and nothing here takes away a right it gives you.',
        ],
      },
    ]),
    ask: 'Ask us',
    askText: 'Name your order number if you have one.',
    more: 'More help',
  },
  sw: {
    helpTitle: 'Msaada',
    helpAbout: 'Kulipa kwa M-Pesa, kuletewa, kurudisha na jinsi ya kufikia Rahim Online.',
    helpBody: page(({ holdMinutes }) => [
      {
        title: 'Kulipa kwa M-Pesa',
        text: [
          'Ukiagiza, simu yako inaomba PIN yako ya M-Pesa. Unaiweka hapo, na hapo tu: hatuombi PIN kwenye ukurasa, kwa ujumbe wala kwa simu.',
        ],
        points: [
          '**Hakuna ombi kwenye simu?** Linaweza kuchukua nusu dakika. Lisipokuja, ukurasa wa malipo unakuruhusu kujaribu tena au kutumia namba nyingine.',
          '**M-Pesa imeandika kuwa umelipa, sisi hatujaandika?** Usilipe tena. Wakati mwingine M-Pesa hutuambia kwa kuchelewa; tunatuma ujumbe mara inapotuambia.',
          '**Umelipa mara mbili?** Tunarudisha malipo ya pili kwa simu yalikotoka.',
          `Tunaweka nguo za agizo lisilolipwa kwa dakika ${holdMinutes}, na zaidi M-Pesa ikiwa bado inalishughulikia.`,
        ],
      },
      {
        title: 'Kuagiza kwa WhatsApp',
        text: ['Kila nguo ina kiungo cha WhatsApp chenye jina lake. Andika ukubwa na mji wako, nasi tutakutumia kiungo cha kulipa.'],
      },
      {
        title: 'Akaunti yako',
        text: ['Huihitaji. Ukiwa nayo, maagizo yako hukaa pamoja na unaweza kurudisha nguo kwa kubonyeza mara mbili.'],
      },
    ]),
    deliveryTitle: 'Kuletewa',
    deliveryAbout: 'Gharama ya kuletewa na siku ya kufika, kwa kila moja ya kaunti 47 za Kenya.',
    deliveryLead: 'Gharama na siku ya kufika ukiagiza sasa. Ada na tarehe hiyo hiyo iko kwenye ukurasa wa malipo kabla hujalipa.',
    deliveryBody: page(() => [
      {
        title: 'Mlangoni',
        points: [
          'Unaeleza mahali: alama, geti, ghorofa. Msimbo wa posta hauhitajiki.',
          'Rider hupigia namba ya simu ya agizo kabla ya kuja.',
          'Ukurasa wa agizo lako unaonyesha msimbo wa kupokea. Mwambie rider ukiwa umeshika mzigo.',
          'Rider akiwa njiani, unaweza kumfuatilia kwa kiungo kwenye ujumbe wako.',
        ],
      },
    ]),
    returnsTitle: 'Kurudisha',
    returnsAbout: 'Rudisha nguo ndani ya siku 7 baada ya kuletewa.',
    returnsBody: page(() => [
      {
        text: ['Una siku 7 tangu kuletewa. Nguo ziwe hazijavaliwa na ziwe na lebo zake; vilemba na kanga visiwe vimekatwa.'],
        points: [
          'Fungua agizo lako na uchague kinachorudi, na kwa nini.',
          'Rider anakichukua, au unakileta kwenye kituo cha kuchukulia.',
          'Kikifika, tunarudisha bei yake kwa njia uliyolipia.',
          'Kitu kisicho sahihi au kilichoharibika hakikugharimu kitu. Ukibadili nia, ada ya kuletewa hairudishwi.',
        ],
      },
    ]),
    sizesTitle: 'Vipimo',
    sizesAbout: 'Jinsi ya kujipima wewe na nguo zako, na maana ya ukubwa.',
    sizesBody: page(() => [
      {
        title: 'Pima nguo yako',
        text: ['Njia ya uhakika: chukua inayokutosha, ilaze, na uilinganishe na jedwali kwenye ukurasa wa nguo.'],
        points: [
          '**Kifua:** kutoka kwapa hadi kwapa, mara mbili.',
          '**Kiuno:** sehemu nyembamba zaidi, mara mbili.',
          '**Nyonga:** sehemu pana zaidi chini ya kiuno, mara mbili.',
          '**Urefu:** kutoka sehemu ya juu ya bega hadi pindo; sketi kutoka ukanda wa kiuno.',
          '**Ndani ya mguu:** kutoka panda hadi pindo.',
        ],
      },
      {
        title: 'Jipime mwenyewe',
        points: [
          'Shikilia futi sawa na karibu na mwili, bila kuvuta.',
          'Kwa nguo pana ongeza sentimita 8 hadi 12 kwa kipimo chako, kwa ya kubana 2 hadi 4.',
          'Uko kati ya ukubwa mbili? Maoni yanasema kama nguo imekatwa ndogo au kubwa.',
        ],
      },
    ]),
    tableTitle: 'Wanawake na wanaume, kwa sentimita kuzunguka mwili',
    tableHeads: 'Ukubwa|Kifua|Kiuno|Nyonga|Kifua, wanaume|Kiuno, wanaume',
    privacyTitle: 'Faragha',
    privacyAbout: 'Rahim Online inahifadhi nini kukuhusu, kwa nini, na kwa muda gani.',
    privacyBody: page(({ supportEmail }) => [
      {
        title: 'Tunachohifadhi',
        points: [
          'Kwa agizo: jina lako, simu, mahali unapoeleza, ulichonunua, na risiti ya malipo. Tunavihitaji ili kukuletea na kuweka vitabu vyetu, kama sheria inavyotaka.',
          'Ukitoa: barua pepe yako.',
          'Kwa akaunti: nywila yako kama alama isiyoweza kurudishwa tu.',
          'Hatuoni PIN yako ya M-Pesa wala namba ya kadi yako.',
        ],
      },
      {
        title: 'Nani anaona',
        text: [
          'Rider anaona jina, simu na mahali pako anapoleta mzigo. Mtengenezaji wa nguo anaona cha kufunga. Mtoa huduma ya malipo unayemchagua anaona unalipa kwa nini na kiasi. Hakuna mwingine; hatuuzi chochote.',
        ],
      },
      {
        title: 'Vidakuzi',
        points: [
          '**bag:** vilivyomo kikapuni, siku 30.',
          '**sid:** kwamba umeingia, hadi utakapotoka.',
          '**order:** agizo unalolipia, dakika 30.',
          '**county** na **lang:** kaunti na lugha yako, ulizochagua.',
          '**saved:** ulichohifadhi kwa baadaye, ukifanya hivyo.',
          'Vyote ni vyetu. Hakuna matangazo, hakuna kuhesabiwa na wengine.',
        ],
      },
      {
        title: 'Alipo rider',
        text: ['Unaona rider alipo wakati analeta mzigo wako tu. Ukishafika, mahali pake panaondolewa kwenye ukurasa wako.'],
      },
      {
        title: 'Haki zako',
        text: [
          `Chini ya Sheria ya Ulinzi wa Data ya 2019 unaweza kuona, kusahihisha, kuchukua au kufutiwa tunachohifadhi kukuhusu, kadiri sheria ya vitabu inavyoruhusu. Ukiingia, unafanya mwenyewe kwenye akaunti yako; au andika kwa ${supportEmail}.`,
        ],
      },
    ]),
    termsTitle: 'Masharti',
    termsAbout: 'Masharti ambayo Rahim Online inauza.',
    termsBody: page(() => [
      {
        points: [
          'Nguo zinauzwa na mtengenezaji aliyetajwa kwenye ukurasa, kupitia Rahim Online.',
          'Bei ni kwa shilingi za Kenya na zinajumuisha VAT. Jumla kwenye ukurasa wa malipo, pamoja na kuletewa, ndiyo yote unayolipa.',
          'Agizo linawekwa unapobonyeza kitufe cha kulipa, na linakubaliwa malipo yako yakifika. Maagizo yasiyolipwa yanaisha yenyewe na hayagharimu kitu.',
          'Pesa zikifika kwa nguo ambazo zimeshaisha, tunazirudisha zote.',
          'Tarehe ni ahadi tunazozifanyia kazi. Tukikosa moja, unaweza kufuta na kurudishiwa pesa zako.',
          'Unaweza kurudisha nguo ndani ya siku 7 baada ya kuletewa, kama ukurasa wa kurudisha unavyosema.',
          'Sheria ya Kenya inatumika, na hakuna hapa kinachokuondolea haki inayokupa.',
        ],
      },
    ]),
    ask: 'Tuulize',
    askText: 'Taja namba ya agizo lako kama unayo.',
    more: 'Msaada zaidi',
  },
})
