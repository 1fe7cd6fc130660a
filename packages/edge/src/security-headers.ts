import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** What a browser could lend to a page, all of it denied. Powers that no page has are left to browsers’ own defaults. */
const deniedFeatures = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'sync-xhr',
  'usb',
  'xr-spatial-tracking',
]
const permissionsPolicy = deniedFeatures.map((feature) => `${feature}=()`).join(', ')

/**
 * The OWASP Secure Headers for a service that answers data: nothing may be loaded, framed, sniffed, referred to or kept. A
 * page that needs more sets its own header, which stays. `isHttps`: clients reach the service by https alone. Of OWASP’s
 * list one is missing on purpose: `Clear-Site-Data`, since no cookie, storage or cache of a browser’s holds anything of ours.
 */
export function securityHeaders({ isHttps }: { readonly isHttps: boolean }): MiddlewareHandler {
  const secure = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    crossOriginOpenerPolicy: 'same-origin',
    // Answers are read across origins by fetch, under CORS, or not at all; embedding them is never meant.
    crossOriginResourcePolicy: 'same-origin',
    crossOriginEmbedderPolicy: 'require-corp',
    originAgentCluster: true,
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: isHttps ? 'max-age=63072000; includeSubDomains' : false,
    xContentTypeOptions: true,
    xFrameOptions: 'DENY',
    xPermittedCrossDomainPolicies: 'none',
    // Of browsers long gone, or without a use for data.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xXssProtection: false,
    removePoweredBy: true,
    overwrite: false,
  })
  return async (c, next) => {
    await secure(c, next)
    const { headers } = c.res
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
    // Only a page can use what it denies.
    if (headers.get('Content-Type')?.startsWith('text/html') === true) headers.set('Permissions-Policy', permissionsPolicy)
  }
}
