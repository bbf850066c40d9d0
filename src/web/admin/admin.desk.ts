import type { Context } from '../../context.ts'
import type { Desk } from '../desk-header.tsx'
import { showPage } from '../show-page.ts'
import type { ComponentChildren } from 'preact'

/** Where staff can go. */
export const staffDesk: Desk = {
  title: 'Staff',
  links: [
    { href: '/admin', label: 'Today' },
    { href: '/admin/money', label: 'Money' },
    { href: '/admin/messages', label: 'Provider messages' },
    { href: '/admin/orders', label: 'Orders' },
    { href: '/admin/dispatch', label: 'Dispatch' },
    { href: '/admin/health', label: 'Health' },
  ],
}

/** A page of the staff's desk: never kept by anybody, with the desk's own navigation. */
export const showDesk = (
  context: Context,
  request: Request,
  page: { title: string; path: string; body: ComponentChildren },
): Promise<Response> =>
  showPage(context, request, { ...page, isPrivate: true, shelves: [], styles: ['desk.css'], desk: staffDesk }, { keep: 'never' })
