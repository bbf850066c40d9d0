import type { ComponentChildren } from 'preact'

/** Nothing here: why, and what to do about it. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string
  children: ComponentChildren
  action?: { href: string; label: string }
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action && (
        <a class="btn" href={action.href}>
          {action.label}
        </a>
      )}
    </div>
  )
}
