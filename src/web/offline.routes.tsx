import { Elysia } from 'elysia'
import type { Context } from '../context.ts'
import { offlineWords } from './i18n/offline.words.ts'
import { showPage } from './show-page.ts'

/** What the worker shows when there is no network and the page was never opened. */
export const offlinePage = (context: Context) =>
  new Elysia({ detail: { hide: true } }).get('/offline', ({ request }) => {
    const words = offlineWords()
    const body = (
      <div class="stack max-w-text">
        <h1>{words.title}</h1>
        <p>{words.text}</p>
        <p>{words.paying}</p>
        <p>
          {/* The address stays that of the page that was asked for, so an empty link asks for it again. */}
          <a class="btn" href="">
            {words.again}
          </a>
        </p>
      </div>
    )
    return showPage(context, request, { title: words.title, path: '/offline', isPrivate: true, body }, { keep: 'shared' })
  })
