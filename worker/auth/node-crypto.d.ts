/** The part of Node's crypto that the Worker uses; Node's complete types would be global here. */
declare module "node:crypto" {
  export interface Hash {
    update(text: string): Hash;
    digest(encoding: "hex"): string;
  }
  export function createHash(algorithm: "sha256"): Hash;
  export function scryptSync(
    password: string,
    salt: Uint8Array,
    keyLength: number,
    options: { N: number; r: number; p: number; maxmem: number },
  ): Uint8Array;
}
