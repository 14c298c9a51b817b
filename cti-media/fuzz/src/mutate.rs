//! Inputs that resemble seeds: bytes changed, cut, doubled, exchanged with other seeds and words of a dictionary.

/// A source of inputs that gives the same ones in every run of a seed.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    longest: usize,
}

/// Numbers at which something overflows.
const NUMBERS: [&str; 8] =
    ["0", "-1", "255", "65536", "2147483648", "4294967296", "18446744073709551616", "1e99"];

impl Mutator {
    /// Makes a source of inputs of at most `longest` bytes; an empty list of seeds counts as one empty seed.
    #[must_use]
    pub fn new(number: u64, seeds: Vec<Vec<u8>>, words: Vec<Vec<u8>>, longest: usize) -> Self {
        let seeds = if seeds.is_empty() { vec![Vec::new()] } else { seeds };
        Self { state: number | 1, seeds, words, longest }
    }

    /// Makes the next input.
    pub fn input(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        let mut input = self.seeds[at].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(self.longest);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let from = self.below(input.len() + 1);
        let to = (from + self.below(40)).min(input.len());
        match self.below(9) {
            0 if from < input.len() => input[from] ^= 1 << self.below(8),
            1 if from < input.len() => input[from] = self.next() as u8,
            2 => drop(input.drain(from..to)),
            3 => {
                let piece = input[from..to].to_vec();
                input.splice(from..from, piece);
            }
            4 => {
                let piece = input[from..to].to_vec();
                let at = self.below(input.len() + 1);
                input.splice(at..at, piece);
            }
            5 if !self.words.is_empty() => {
                let word = self.below(self.words.len());
                let word = self.words[word].clone();
                let end = if self.below(2) == 0 { from } else { to };
                input.splice(from..end, word);
            }
            6 => {
                let digits = |it: &u8| it.is_ascii_digit();
                let start = input[from..].iter().position(digits).map_or(from, |it| from + it);
                let length = input[start..].iter().take_while(|it| digits(it)).count();
                let number = NUMBERS[self.below(NUMBERS.len())];
                input.splice(start..start + length, number.bytes());
            }
            7 => {
                let other = self.below(self.seeds.len());
                let other = self.seeds[other].clone();
                let at = self.below(other.len() + 1);
                let end = (at + self.below(200)).min(other.len());
                input.splice(from..to, other[at..end].iter().copied());
            }
            _ => input.insert(from, self.next() as u8),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// xorshift64*, which needs no crate and no quality.
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
}

/// Reads the words of a dictionary as libFuzzer writes them: one in quotation marks per line, bytes as `\x0D`.
#[must_use]
pub fn dictionary(text: &str) -> Vec<Vec<u8>> {
    text.lines().filter_map(|line| word(line.trim())).collect()
}

fn word(line: &str) -> Option<Vec<u8>> {
    let (_, quoted) = line.split_once('"').filter(|_| !line.starts_with('#'))?;
    let mut rest = quoted.strip_suffix('"')?.bytes();
    let mut word = Vec::new();
    while let Some(byte) = rest.next() {
        word.push(match byte {
            b'\\' => match rest.next()? {
                b'x' => {
                    let hex = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?
                }
                escaped => escaped,
            },
            plain => plain,
        });
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_dictionary_are_bytes() {
        let text = "# a comment\nname=\"a\\x0D\\\"b\"\n\n\"\\\\\"\nno word\n";
        assert_eq!(dictionary(text), [b"a\r\"b".to_vec(), b"\\".to_vec()]);
    }

    #[test]
    fn inputs_are_the_same_in_every_run_and_differ_from_each_other() {
        let seeds = || vec![b"INVITE sip:12345@10.0.0.1 SIP/2.0".to_vec()];
        let inputs = |number| {
            let mut mutator = Mutator::new(number, seeds(), vec![b"Via".to_vec()], 64);
            (0..100).map(|_| mutator.input()).collect::<Vec<_>>()
        };
        let first = inputs(1);
        assert_eq!(first, inputs(1));
        assert_ne!(first, inputs(9));
        let different = first.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert!(different > 80, "{different} of 100 are different");
        assert!(first.iter().all(|input| input.len() <= 64));
    }
}
