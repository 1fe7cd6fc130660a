import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTHeaderParameters, type JWTPayload } from 'jose'

export interface SigningKey {
  readonly publicKey: JWK
  sign(claims: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>
}

/** A provider's key pair for tests. */
export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true })
  return {
    publicKey: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' },
    sign: (claims, header = {}) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(pair.privateKey),
  }
}
