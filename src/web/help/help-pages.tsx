import { formatPhone } from '../../lib/phone.ts'
import { frameWords } from '../i18n/frame.words.ts'
import { type HelpPart, helpWords, partsOf } from '../i18n/help.words.ts'
import { localPath } from '../i18n/words.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { DeliveryFees, type ZonePromise } from './delivery-fees.tsx'

/** The pages of help, by the first part of their words. */
export const helpPages = {
  help: '/help',
  delivery: '/help/delivery',
  returns: '/help/returns',
  sizes: '/help/sizes',
  privacy: '/privacy',
  terms: '/terms',
} as const
export type HelpName = keyof typeof helpPages

/** What help pages need to be true of this shop and not of shops in general. */
export type HelpView = {
  name: HelpName
  supportPhone: string
  supportEmail: string
  holdMinutes: number
  promises: readonly ZonePromise[]
}

// Body measures of the sizes all makers here grade by, women first.
const bodySizes = [
  ['XS', '80-84', '62-66', '88-92', '86-90', '72-76'],
  ['S', '85-89', '67-71', '93-97', '91-95', '77-81'],
  ['M', '90-95', '72-77', '98-103', '96-101', '82-87'],
  ['L', '96-102', '78-84', '104-110', '102-107', '88-93'],
  ['XL', '103-110', '85-92', '111-117', '108-114', '94-100'],
  ['XXL', '111-119', '93-101', '118-125', '115-121', '101-108'],
] as const

/** A help page in the frame they share. */
export function HelpArticle({ name, supportPhone, supportEmail, holdMinutes, promises }: HelpView) {
  const words = helpWords()
  const facts = { holdMinutes: String(holdMinutes), supportEmail }
  return (
    <article class="max-w-text stack">
      {name !== 'help' && <Crumbs trail={[{ name: words.helpTitle, href: '/help' }, { name: words[`${name}Title`] }]} />}
      <h1>{words[`${name}Title`]}</h1>
      <div class="stack prose">
        {name === 'delivery' && (
          <>
            <p>{words.deliveryLead}</p>
            <DeliveryFees promises={promises} />
          </>
        )}
        {partsOf(words[`${name}Body`](facts)).map((part, index) => (
          <Part key={index} part={part} />
        ))}
        {name === 'sizes' && <BodySizes />}
        <section class="no-print">
          <h2>{name === 'help' ? words.more : words.ask}</h2>
          {name === 'help' && (
            <ul>
              {(['delivery', 'returns', 'sizes'] as const).map((each) => (
                <li key={each}>
                  <a href={localPath(helpPages[each])}>{words[`${each}About`]}</a>
                </li>
              ))}
            </ul>
          )}
          <p>
            <a href={`https://wa.me/${supportPhone}`} rel="noreferrer">
              WhatsApp {formatPhone(supportPhone)}
            </a>
            , <a href={`mailto:${supportEmail}`}>{supportEmail}</a>. {words.askText}
          </p>
        </section>
      </div>
    </article>
  )
}

function Part({ part }: { part: HelpPart }) {
  const inside = (
    <>
      {part.title !== undefined && <h2>{part.title}</h2>}
      {part.text?.map((text) => (
        <p key={text}>
          <Strong text={text} />
        </p>
      ))}
      {part.points !== undefined && (
        <ul>
          {part.points.map((text) => (
            <li key={text}>
              <Strong text={text} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
  return part.title === undefined ? <div class="stack">{inside}</div> : <section>{inside}</section>
}

/** Text in which **this** is strong. */
const Strong = ({ text }: { text: string }) => (
  <>{text.split('**').map((piece, index) => (index % 2 === 1 ? <strong key={index}>{piece}</strong> : piece))}</>
)

function BodySizes() {
  const words = helpWords()
  const title = frameWords().sizes
  return (
    <div class="scroll" role="region" aria-label={title} tabindex={0}>
      <table class="table">
        <caption>{words.tableTitle}</caption>
        <thead>
          <tr>
            {words.tableHeads.split('|').map((head) => (
              <th key={head} scope="col" class="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bodySizes.map(([size, ...measures]) => (
            <tr key={size}>
              <th scope="row" class="num">
                {size}
              </th>
              {measures.map((measure, index) => (
                <td key={index} class="num">
                  {measure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
