/**
 * Random numbers for one image at a time: a generator that is restarted from a key, so that an image depends on its own
 * key and on nothing drawn before it. Only integer arithmetic and `+ - * /` are used: every JavaScript engine gives the
 * same bits.
 */
export interface Random {
  /** Starts the sequence that belongs to `key`; each entry counts modulo 2^32. */
  restart(key: readonly number[]): void;
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Uniform on [low, high). */
  between(low: number, high: number): number;
  /** Nearly Gaussian, mean 0 and variance 1: a centred sum of four uniforms, so never beyond ±2√3. */
  normal(): number;
}

/** Chris Doty-Humphrey's sfc32 (PractRand), which passes the usual test batteries with four words of state. */
export function createRandom(): Random {
  let a = 0;
  let b = 0;
  let c = 0;
  let counter = 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  function uniform(): number {
    return next() / 4294967296;
  }

  return {
    restart(key) {
      let hash = 0x9e3779b9;
      for (const word of key) hash = scramble((hash ^ word) + 0x9e3779b9);
      a = hash;
      b = scramble(hash + 0x9e3779b9);
      c = scramble(b + 0x9e3779b9);
      counter = 1;
      for (let i = 0; i < 12; i++) next();
    },
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772,
  };
}

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby): every input bit reaches every output bit. */
function scramble(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
