import type { ComponentChildren } from 'preact'
import { formatPhone } from '../../lib/phone.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { DeliveryFees, type ZonePromise } from './delivery-fees.tsx'

/** What the help pages need to be true of this shop and not of shops in general. */
export type HelpFacts = {
  supportPhone: string
  supportEmail: string
  promises: readonly ZonePromise[]
  holdMinutes: number
  methods: readonly string[]
}

/** A page of help. */
export type HelpPage = { path: string; title: string; description: string; Body: (facts: HelpFacts) => ComponentChildren }

const Ask = ({ supportPhone, supportEmail }: HelpFacts) => (
  <section>
    <h2>Ask us</h2>
    <p>
      <a href={`https://wa.me/${supportPhone}`} rel="noreferrer">
        WhatsApp {formatPhone(supportPhone)}
      </a>{' '}
      or <a href={`mailto:${supportEmail}`}>{supportEmail}</a>. Name your order number if you have one.
    </p>
  </section>
)

const pages: readonly HelpPage[] = [
  {
    path: '/help',
    title: 'Help',
    description: 'Paying with M-Pesa, delivery, returns and how to reach Rahim Online.',
    Body: (facts) => (
      <>
        <section>
          <h2>Paying with M-Pesa</h2>
          <p>
            When you order, your phone asks for your M-Pesa PIN. You enter it there, and only there: we never ask for a PIN on a page, by
            message or on the phone.
          </p>
          <ul>
            <li>
              <strong>No request on the phone?</strong> It can take half a minute. If nothing comes, the payment page lets you try again or
              use another number.
            </li>
            <li>
              <strong>M-Pesa wrote that you paid, we did not?</strong> Do not pay again. Sometimes M-Pesa tells us late; we send a text
              message as soon as it does.
            </li>
            <li>
              <strong>Paid twice?</strong> We return the second payment to the phone it came from.
            </li>
          </ul>
          <p>We keep the clothes of an unpaid order for {facts.holdMinutes} minutes, and longer while M-Pesa is still working on it.</p>
        </section>
        <section>
          <h2>Sizes</h2>
          <p>Each page has a table in centimetres, measured on the garment laid flat. Compare it with something of yours that fits.</p>
        </section>
        <section>
          <h2>Delivery and returns</h2>
          <p>
            <a href="/help/delivery">Fees and dates of your county</a>, and <a href="/help/returns">how to return clothes</a>.
          </p>
        </section>
        <Ask {...facts} />
      </>
    ),
  },
  {
    path: '/help/delivery',
    title: 'Delivery',
    description: 'What delivery costs and when it comes, for each of the 47 counties of Kenya.',
    Body: (facts) => (
      <>
        <p>What it costs and when it comes if you order now. The same fee and date stand on the checkout before you pay.</p>
        <DeliveryFees promises={facts.promises} />
        <section>
          <h2>At the door</h2>
          <ul>
            <li>You describe the place: a landmark, the gate, the floor. No postcode is needed.</li>
            <li>The rider calls the phone number of the order before coming.</li>
            <li>Your order page shows a delivery code. Tell it to the rider when you hold the parcel.</li>
            <li>While the rider is on the way, you can follow them on a map from the link in your message.</li>
          </ul>
        </section>
        <Ask {...facts} />
      </>
    ),
  },
  {
    path: '/help/returns',
    title: 'Returns',
    description: 'Return clothes within 7 days of delivery.',
    Body: (facts) => (
      <>
        <p>You have 7 days from delivery. Clothes must be unworn and with their labels; headwraps and kanga uncut.</p>
        <ol>
          <li>Write to us on WhatsApp or by e-mail with your order number, the piece and the reason.</li>
          <li>We agree on when a rider picks it up.</li>
          <li>When it has arrived, we send the price of the piece back to the M-Pesa number that paid.</li>
        </ol>
        <p>A wrong or damaged piece costs you nothing. If you have changed your mind, delivery is not returned.</p>
        <Ask {...facts} />
      </>
    ),
  },
  {
    path: '/privacy',
    title: 'Privacy',
    description: 'What Rahim Online keeps about you, why, and for how long.',
    Body: (facts) => (
      <>
        <section>
          <h2>What we keep</h2>
          <ul>
            <li>
              For an order: your name, phone, the place you describe, what you bought, and the M-Pesa receipt. We need these to bring it and
              to keep our books, as the law asks.
            </li>
            <li>If you give it: your e-mail.</li>
            <li>For an account: your password only as a hash that cannot be turned back.</li>
          </ul>
          <p>We never see your M-Pesa PIN.</p>
        </section>
        <section>
          <h2>Who sees it</h2>
          <p>
            The rider sees your name, phone and place while they bring your parcel. The maker of the clothes sees what to pack. Safaricom
            sees the number that pays and the amount. Nobody else; we sell nothing on.
          </p>
        </section>
        <section>
          <h2>Cookies</h2>
          <p>
            Three, all ours: <code>bag</code> for what is in your bag (30 days), <code>order</code> to find the order you have just placed
            (a day), <code>sid</code> if you sign in (30 days). No advertising, no counting by others.
          </p>
        </section>
        <section>
          <h2>The rider’s position</h2>
          <p>You see where your rider is only while they bring your parcel. After delivery the position is gone from your page.</p>
        </section>
        <section>
          <h2>Your rights</h2>
          <p>
            Under the Data Protection Act, 2019 you may see, correct or have deleted what we keep about you, as far as the law on books
            allows. Write to us.
          </p>
        </section>
        <Ask {...facts} />
      </>
    ),
  },
  {
    path: '/terms',
    title: 'Terms',
    description: 'The terms on which Rahim Online sells.',
    Body: (facts) => (
      <>
        <ul>
          <li>Clothes are sold by the maker named on the page, through Rahim Online.</li>
          <li>Prices are in Kenya shillings and include VAT. The total at checkout, with delivery, is all you pay.</li>
          <li>
            An order is placed when you press the pay button, and agreed when your payment has arrived. Unpaid orders end by themselves and
            cost nothing.
          </li>
          <li>If money arrives for clothes that are gone by then, we return all of it.</li>
          <li>Dates are promises we work for. If we miss one, you may cancel and get your money back.</li>
          <li>You may return clothes within 7 days of delivery, as the page on returns says.</li>
          <li>The law of Kenya applies, and nothing here takes away a right it gives you.</li>
        </ul>
        <Ask {...facts} />
      </>
    ),
  },
]

/** Every page of help, in the order of the footer. */
export const helpPages = pages

/** A help page in the frame they share. */
export function HelpArticle({ page, facts }: { page: HelpPage; facts: HelpFacts }) {
  return (
    <article class="max-w-text stack">
      {page.path !== '/help' && <Crumbs trail={[{ name: 'Help', href: '/help' }, { name: page.title }]} />}
      <h1>{page.title}</h1>
      <div class="stack prose">{page.Body(facts)}</div>
    </article>
  )
}
