/**
 * Looks for keys in the files and in every change of the whole history. Shapes, not guesses: a hit is a key of a provider, a private
 * key or a file that must never be tracked.
 */
const shapes: readonly (readonly [name: string, shape: RegExp])[] = [
  ['a live Stripe key', /\b[sr]k_live_[A-Za-z0-9]{16,}/],
  ['a Stripe test key', /\b[sr]k_test_[A-Za-z0-9]{24,}/],
  ['a Stripe webhook secret', /\bwhsec_[A-Za-z0-9]{24,}/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[\r\n]+[A-Za-z0-9+/=]{20,}/],
  ['an AWS key', /\bAKIA[0-9A-Z]{16}\b/],
  ['a GitHub token', /\b(?:ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{20,}/],
  ['a Google key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['a SendGrid key', /\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}/],
  [
    'a password in an address',
    /\b(?:postgres(?:ql)?|rediss?|amqps?|smtps?):\/\/[^\s:/@'"`$]+:(?!\$|password\b|hunter2\b|secret\b|change-me\b)[^\s@'"`$<{]{8,}@(?!127\.0\.0\.1|localhost)/,
  ],
]
const neverTracked = /(^|\/)(\.env(\.(?!example$)[^/]*)?|[^/]*\.(pem|key|p12|pfx|sqlite|kdbx))$/

const findings: string[] = []

function look(where: string, text: string): void {
  // The value itself is not printed: the log of a pipeline is read by more people than the repository.
  for (const [name, shape] of shapes) if (shape.test(text)) findings.push(`${where}: ${name}`)
}

async function git(...args: string[]): Promise<string> {
  const child = Bun.spawn(['git', ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [text, trouble] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`git ${args[0]} failed: ${trouble.trim()}`)
  return text
}

const tracked = (await git('ls-files', '-z')).split('\0').filter((path) => path !== '')
for (const path of tracked) {
  if (neverTracked.test(path)) findings.push(`${path}: a file that is never committed`)
  const file = Bun.file(path)
  if ((await file.exists()) && file.size < 5_000_000) look(path, await file.text())
}

const everNamed = new Set((await git('log', '--all', '--pretty=format:', '--name-only')).split('\n').filter((path) => path !== ''))
for (const path of everNamed) if (neverTracked.test(path)) findings.push(`${path}: in the history, a file that is never committed`)
for (const change of (await git('log', '--all', '--no-color', '--unified=0', '--pretty=format:%x00%h', '-p')).split('\0')) {
  const [commit = ''] = change.split('\n')
  look(`commit ${commit}`, change)
}

process.stdout.write(
  findings.length === 0 ? `no secrets in ${tracked.length} files and their history\n` : `${[...new Set(findings)].join('\n')}\n`,
)
process.exit(findings.length === 0 ? 0 : 1)
