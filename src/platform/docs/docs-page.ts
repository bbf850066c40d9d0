import type { RefusalDefinition } from '../../lib/refusal.ts'

/** Addresses of the files the page loads; all are ours. */
export interface DocsPageFiles {
  readonly uiStyle: string
  readonly uiScript: string
  readonly pageStyle: string
  readonly startScript: string
  readonly icon: string
}

/** The policy the page is served with: nothing from elsewhere and nothing inline. */
export const docsPagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * The page at /swagger: Swagger UI over /swagger/json, then every error code under an anchor of its own, because the `type` of a
 * problem is `/swagger#<code>` and must lead to its explanation also without scripts.
 */
export const docsPage = (
  title: string,
  files: DocsPageFiles,
  refusals: Readonly<Record<string, RefusalDefinition>>,
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" type="image/png" href="${files.icon}">
<link rel="stylesheet" href="${files.uiStyle}">
<link rel="stylesheet" href="${files.pageStyle}">
<script src="${files.uiScript}" defer></script>
<script src="${files.startScript}" defer></script>
</head>
<body>
<nav aria-label="Documentation"><a href="/">Rahim Online</a> <a href="/swagger/json">openapi.json</a> <a href="/swagger/asyncapi.json">asyncapi.json</a> <a href="#errors">Error codes</a></nav>
<main>
<div id="swagger-ui"></div>
<noscript><p class="notice">This reference needs scripts. The same document is at <a href="/swagger/json">/swagger/json</a>.</p></noscript>
<section id="errors" class="errors" aria-labelledby="errors-title">
<h2 id="errors-title">Error codes</h2>
<p>Every refusal is <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>, which never changes; show <code>detail</code>; quote <code>requestId</code> to support.</p>
<dl>
${Object.entries(refusals)
  .map(
    ([code, { status, message }]) =>
      `<div id="${escape(code)}"><dt><a href="#${escape(code)}"><code>${escape(code)}</code></a> <span class="status">${status}</span></dt><dd>${escape(message)}</dd></div>`,
  )
  .join('\n')}
</dl>
</section>
</main>
</body>
</html>
`

/** Starts Swagger UI; a file of its own because the policy allows no inline script. */
export const startScript = `'use strict'
const code = decodeURIComponent(location.hash.slice(1))
const target = /^[a-z_]+$/.test(code) ? document.getElementById(code) : null
window.ui = SwaggerUIBundle({
  url: '/swagger/json',
  dom_id: '#swagger-ui',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  // Its deep links would rewrite the anchor of an error code.
  deepLinking: target === null,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // The validator badge would ask a server of somebody else, and ?url= would let a link show another document as ours.
  validatorUrl: null,
  queryConfigEnabled: false,
})
if (target !== null) {
  // The reference above the error codes grows while it is drawn and moves the anchor; follow it until the reader takes over.
  const follower = new ResizeObserver(() => target.scrollIntoView())
  follower.observe(document.getElementById('swagger-ui'))
  for (const sign of ['wheel', 'touchstart', 'pointerdown', 'keydown']) addEventListener(sign, () => follower.disconnect(), { once: true, passive: true })
}
`

/** The little the page needs beside Swagger UI's own style. */
export const pageStyle = `body{margin:0;background:#fff;color:#1f1b16;font:16px/1.5 system-ui,sans-serif}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:.75rem 20px;background:#1f1b16}
nav a{color:#fff;padding:.5rem 0}
a:focus-visible{outline:3px solid #1a66c2;outline-offset:2px}
.notice,.errors{max-width:1460px;margin:0 auto;padding:0 20px 2rem;box-sizing:border-box}
.errors dl{display:grid;gap:.5rem 2rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));margin:0}
.errors dl div{border-top:1px solid #d8d0c4;padding:.5rem;scroll-margin-top:1rem}
.errors dl div:target{background:#fff3d6}
.errors dt{font-weight:600}
.errors dt a{color:#1a4f8b}
.errors dd{margin:0}
.errors .status{color:#5b5348;font-weight:400}
.swagger-ui .info{margin:24px 0}
.swagger-ui .scheme-container{padding:16px 0}
.swagger-ui .opblock .opblock-summary-path{word-break:break-word}
@media (max-width:600px){.swagger-ui .wrapper,.swagger-ui .info .title{overflow-wrap:anywhere}.swagger-ui .wrapper{padding:0 12px}.swagger-ui .opblock .opblock-summary{flex-wrap:wrap}.swagger-ui table,.swagger-ui tbody,.swagger-ui tr,.swagger-ui td{display:block;width:auto!important;min-width:0!important;max-width:none!important;padding-left:0!important}.swagger-ui thead{display:none}.swagger-ui input[type=text],.swagger-ui select{max-width:100%;min-width:0!important;width:100%}}
`

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
