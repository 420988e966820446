// A keyed permutation of [0, count): element `index` of the shuffled order of an epoch, without a table. A balanced
// Feistel network on the least even number of bits that holds count, walked along its cycle until the value is below
// count (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). Not cryptographic.

// The finaliser of MurmurHash3: every input bit changes every output bit with probability near ½.
fn mix_bits(x: u32) -> u32 {
  var h = x;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

// 16 bits of a keyed half. The finaliser less the shifts that 16 bits do not need; with one multiply instead of two, even
// orders of thousands of elements came out unevenly.
fn feistel_round(half: u32, key: u32) -> u32 {
  let h = (half ^ key) * 0x85ebca6bu;
  return ((h ^ (h >> 15u)) * 0xc2b2ae35u) >> 16u;
}

// index < count <= 2³¹ (count >= 1). seed: the run's 64 bits.
fn permute(index: u32, count: u32, seed: vec2u, epoch: u32) -> u32 {
  let half_bits = (33u - countLeadingZeros(count - 1u)) / 2u; // 0 for count 1
  let mask = (1u << half_bits) - 1u;
  let first_key = mix_bits(seed.x ^ mix_bits(epoch));
  let second_key = mix_bits(seed.y + first_key);

  // From an index that is not below count the walk could go on for billions of steps.
  var value = min(index, count - 1u);
  // The network permutes 2^(2 half_bits) values, so the walk from index, itself below count, comes back to index if it
  // meets nothing else below count: it ends after at most 2^(2 half_bits) − count + 1 steps, which the bound allows.
  // The values are fewer than 4 count, so it takes fewer than 4 steps on average.
  let longest = mask * (mask + 2u) - count + 2u;
  for (var walked = 0u; walked < longest; walked++) {
    var left = value >> half_bits;
    var right = value & mask;
    // Eight rounds: with six, the orders of fewer than 16 elements came out unevenly.
    for (var round = 0u; round < 8u; round += 2u) {
      left ^= feistel_round(right, first_key + round * 0x9e3779b9u) & mask;
      right ^= feistel_round(left, second_key + round * 0x9e3779b9u) & mask;
    }
    value = (left << half_bits) | right;
    if (value < count) {
      break;
    }
  }
  return value;
}
