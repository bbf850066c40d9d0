/** Shapes of values that no production may hold. */

// Values that stand in samples, tutorials and the predecessor's history; a production secret that contains one is not a secret.
export const sampleWords =
  /change|sample|example|secret|password|default|dummy|placeholder|your[-_]|xxx|test123|letmein|django-insecure|development|1234567890|abcdef/i
export const placeholderHost =
  /(^|\.)(example\.(com|org|net|co\.ke)|test|invalid|localhost|local|your-?domain\.[a-z.]+|domain\.com|yourapp\.[a-z.]+)$/i
export const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/i
